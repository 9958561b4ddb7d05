namespace ClusterChat.Gateway.Connections;

/// <summary>
/// The wire to one client, below everything that is chat: a WebSocket, a stream of Server-Sent Events, or a
/// simulated one.
/// </summary>
/// <remarks>
/// Calls to <see cref="SendAsync"/>, <see cref="PingAsync"/> and <see cref="CloseAsync"/> never overlap: the
/// connection's outbox makes them one after the other. <see cref="Abort"/> may come at any time, from any
/// thread, and lets whatever is pending fail.
/// </remarks>
internal interface IClientTransport
{
    /// <summary>Grows with each part of a call that the wire has taken; a call that takes long may be one that goes on. Read from any thread.</summary>
    long Taken => 0;

    /// <summary>The bytes that it holds for a call under way, besides what it was given. Read from any thread.</summary>
    long HeldBytes => 0;

    /// <summary>
    /// Writes lines as one unit (one text frame, lines joined by <c>\n</c>). Completes when the wire has taken
    /// them, which is what slows the sender down to the client's pace.
    /// </summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines);

    /// <summary>Asks the client for a sign of life.</summary>
    /// <param name="number">What the answer is to say, where the wire has answers: <see cref="IClientInbound.Answered"/>.</param>
    /// <exception cref="IOException">The connection is gone.</exception>
    ValueTask PingAsync(int number);

    /// <summary>
    /// Says goodbye. Nothing may be sent afterwards. Completes when it is written; the client's answer is
    /// awaited by the reading side.
    /// </summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    ValueTask CloseAsync(ushort code, string reason);

    /// <summary>Cuts the connection without a word.</summary>
    void Abort();
}

/// <summary>What the reading side of a wire tells its connection.</summary>
internal interface IClientInbound
{
    /// <summary>
    /// Whole text messages in their order, each valid UTF-8 and within the limit. The memory is the caller's again when the
    /// call's task completes; until then the caller reads no further, which is the way back-pressure takes.
    /// </summary>
    ValueTask ReceiveAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages);

    /// <summary>Frames came in that say nothing, such as pings. The connection is to be closed with 3013 where there are too many.</summary>
    /// <returns>False: it is, and what the client says does not count any more.</returns>
    bool Idled(int frames);

    /// <summary>Bytes came in: the client lives.</summary>
    void Touch();

    /// <summary>The client answered a ping, and so has got whatever was sent before that. It may also have made the number up.</summary>
    void Answered(int ping);

    /// <summary>The client broke the rules of the wire; the connection is to be closed with 3501.</summary>
    void Violated(string reason);

    /// <summary>
    /// What the client began to send was given up, since it did not go on or the node holds too much of such; the connection is to be closed with 3008.
    /// Called from any thread.
    /// </summary>
    void GaveUp(string reason);

    /// <summary>The client takes its leave: it has closed in a way that says so. Then <see cref="Ended"/>.</summary>
    void TookLeave();

    /// <summary>No more will come: the client closed, or the wire broke.</summary>
    void Ended();
}
