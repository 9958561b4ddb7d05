namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>What can befall a cluster.</summary>
internal enum TroubleKind
{
    /// <summary>kill -9 of a node.</summary>
    Kill,

    /// <summary>kill -9 of two nodes at once.</summary>
    KillTwo,

    /// <summary>SIGSTOP of a node, and SIGCONT.</summary>
    Pause,

    /// <summary>SIGTERM of a node.</summary>
    Drain,

    /// <summary>A node is cut off from all others; it reaches the database.</summary>
    CutOff,

    /// <summary>A node is cut off from all others and from the database.</summary>
    Island,

    /// <summary>One direction between two nodes is cut.</summary>
    OneWay,

    /// <summary>The nodes are cut in two parts, of two and of three; all reach the database.</summary>
    Split,

    /// <summary>A node does not reach the database.</summary>
    NoDatabase,

    /// <summary>The database answers nobody.</summary>
    DatabaseAway,
}
