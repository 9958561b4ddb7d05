namespace ClusterChat.Cluster;

/// <summary>
/// The way from a room's owner to its next one. An engine may do without: rooms are then opened from their journals alone,
/// and memory rooms begin anew.
/// </summary>
/// <remarks>
/// At most once, to whoever is the owner when it is sent; nobody waits for ever for what may be lost. The other half is
/// <see cref="IRoomRegion.TakeOver"/> and <see cref="IRoomRegion.GiveUp"/>. Called from any thread; never blocks.
/// </remarks>
public interface IRoomHandovers
{
    /// <summary>
    /// Asks the node that owned a room before this one what it knows. The answer comes as
    /// <see cref="IRoomRegion.TakeOver"/>, if it comes.
    /// </summary>
    /// <returns>False: there is nobody to ask, or it is too long ago that the room has moved.</returns>
    bool Ask(string room);

    /// <summary>Sends what this node knows of a room to its next owner.</summary>
    /// <param name="room">The room.</param>
    /// <param name="state">What is known; null for nothing, so that nobody waits.</param>
    HandoverResult HandOver(string room, RoomHandover? state);
}

/// <summary>What became of a room's state that was to be sent.</summary>
public enum HandoverResult
{
    /// <summary>It is on its way, or there is nowhere to send it.</summary>
    Sent,

    /// <summary>The way is full. Try again, or send null, which is always taken.</summary>
    Full,

    /// <summary>This node is the room's owner (again): the room may go on.</summary>
    Returned,
}
