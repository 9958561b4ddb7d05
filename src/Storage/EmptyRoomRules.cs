namespace ClusterChat.Storage;

/// <summary>
/// How the rows are removed that versions before <see cref="UnbornRooms"/> left of rooms that never had an event. There may be any number of
/// them, as whoever asked for a room made one.
/// </summary>
internal sealed record EmptyRoomRules
{
    /// <summary>
    /// How long after the start it begins. 10 minutes: a rolling upgrade is over then, and no node of an earlier version owns such a room.
    /// </summary>
    public TimeSpan After { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many rooms are looked at in one step: some milliseconds of the database.</summary>
    public int Step { get; init; } = 500;

    /// <summary>The pause between two steps. A million rooms take 7 minutes.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>For tests: hears that it is through.</summary>
    public Action? OnDone { get; init; }
}
