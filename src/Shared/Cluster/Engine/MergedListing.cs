namespace ClusterChat.Cluster.Engine;

/// <summary>The list of rooms, put together of the nodes' shares.</summary>
internal sealed class MergedListing
{
    private readonly SortedDictionary<string, ListedRoom> _rooms = new(Utf8Order.Instance);
    private bool _more;

    public void Add(RoomListing listing)
    {
        _more |= listing.More;
        foreach (var room in listing.Rooms)
        {
            _rooms[room.Room] = _rooms.TryGetValue(room.Room, out var known)
                ? new ListedRoom(room.Room, Math.Max(known.Count, room.Count), Math.Max(known.Seq, room.Seq))
                : room;
        }
    }

    public RoomListing Take(int limit) => new([.. _rooms.Values.Take(limit)], _more || _rooms.Count > limit);
}
