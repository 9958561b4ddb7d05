namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// The newest writes of a room by (author, mid): a bounded window. What it does not hold may still be in the
/// journal, whose index is the truth.
/// </summary>
/// <param name="capacity">The writes that it holds at most.</param>
/// <param name="maxAge">The age over which writes are forgotten; null for never.</param>
internal sealed class MidWindow(int capacity, TimeSpan? maxAge)
{
    private readonly Dictionary<WriteKey, WrittenAt> _writes = [];
    private readonly Queue<(WriteKey Key, WrittenAt At)> _order = [];

    public int Count => _writes.Count;

    /// <summary>All that it holds, in the order in which they came.</summary>
    public IEnumerable<(WriteKey Key, WrittenAt At)> All => _order;

    public bool TryFind(string author, string mid, out WrittenAt at) => _writes.TryGetValue(new WriteKey(author, mid), out at);

    public void Add(string author, string mid, WrittenAt at)
    {
        var key = new WriteKey(author, mid);
        if (!_writes.TryAdd(key, at))
        {
            return;
        }

        _order.Enqueue((key, at));
        while (_order.Count > capacity || (maxAge is { } age && at.Ts - _order.Peek().At.Ts > age.TotalMilliseconds))
        {
            _writes.Remove(_order.Dequeue().Key);
        }
    }
}

/// <summary>What makes two writes the same.</summary>
internal readonly record struct WriteKey(string Author, string Mid);

/// <summary>Where a write stands in the log.</summary>
internal readonly record struct WrittenAt(long Seq, long Ts);
