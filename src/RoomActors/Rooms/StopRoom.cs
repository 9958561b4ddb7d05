namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// A room is to stop: it finishes what is under way, and lets its next activation know what it knew. It is the message with which sharding hands
/// rooms over.
/// </summary>
public sealed record StopRoom
{
    private StopRoom(bool rests) => Rests = rests;

    /// <summary>The room moves to another node.</summary>
    public static StopRoom Instance { get; } = new(false);

    /// <summary>Nobody needs the room for now: it passivates, and nothing has to be kept.</summary>
    internal static StopRoom Resting { get; } = new(true);

    internal bool Rests { get; }
}
