namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>What a dial comes to.</summary>
internal enum SimDial
{
    /// <summary>A connection stands.</summary>
    Connected = 1,

    /// <summary>The host says that nobody listens there.</summary>
    Refused = 2,

    /// <summary>Nothing came back in time.</summary>
    Silent = 3,
}
