using System.Collections.Concurrent;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>The rooms that are active on this node. Their actors list themselves; any thread reads.</summary>
internal sealed class ActiveRooms
{
    private readonly ConcurrentDictionary<string, ActiveRoom> _rooms = new(StringComparer.Ordinal);

    public int Count => _rooms.Count;

    public IEnumerable<ActiveRoom> All => _rooms.Select(static entry => entry.Value);

    public void Add(ActiveRoom room) => _rooms[room.Name] = room;

    /// <summary>The next activation may be listed already.</summary>
    public void Remove(ActiveRoom room) => _rooms.TryRemove(KeyValuePair.Create(room.Name, room));
}
