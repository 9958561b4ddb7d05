using System.Collections.Concurrent;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>The rooms that are active on this node. Their actors list themselves; any thread reads.</summary>
/// <param name="most">How many there may be.</param>
internal sealed class ActiveRooms(int most = int.MaxValue)
{
    private readonly ConcurrentDictionary<string, ActiveRoom> _rooms = new(StringComparer.Ordinal);
    private int _count;
    private long _last;

    /// <summary>How many actors there are: each room's, and for a moment the one before it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many there may be.</summary>
    public int Most => most;

    /// <summary>Whether there are more than there may be, whoever asks among them.</summary>
    public bool IsOverfull => Count > most;

    /// <summary>Whether rooms that nobody needs are to go.</summary>
    public bool IsNearlyFull => Count >= most - (most / 4);

    public IEnumerable<ActiveRoom> All => _rooms.Select(static entry => entry.Value);

    public void Add(ActiveRoom room)
    {
        Interlocked.Increment(ref _count);
        room.Number = Interlocked.Increment(ref _last);
        _rooms[room.Name] = room;
    }

    /// <summary>The next activation may be listed already.</summary>
    public void Remove(ActiveRoom room)
    {
        Interlocked.Decrement(ref _count);
        _rooms.TryRemove(KeyValuePair.Create(room.Name, room));
    }
}
