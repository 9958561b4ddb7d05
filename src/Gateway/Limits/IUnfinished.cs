namespace ClusterChat.Gateway.Limits;

/// <summary>Something that a client has begun to send, and that waits for its rest.</summary>
internal interface IUnfinished : IByteHolder
{
    /// <summary>How many bytes of it have come; null while it is not the client's turn.</summary>
    long? Arrived { get; }

    /// <summary>Ends it, and the client with it: it does not go on. Called from any thread; soon, not at once.</summary>
    void Stall();
}
