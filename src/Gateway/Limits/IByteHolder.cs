namespace ClusterChat.Gateway.Limits;

/// <summary>A client for which the node holds bytes: what it began to send and did not end, or what it asked for and does not take.</summary>
internal interface IByteHolder
{
    /// <summary>How many are held for it now.</summary>
    long HeldBytes { get; }

    /// <summary>
    /// Gives them up, which ends the client: those of all clients have come to more than the node may hold, and this one holds most of them.
    /// Called from any thread, which may have called <see cref="ByteBudget.Add"/> itself; soon, not at once.
    /// </summary>
    void GiveUp();
}
