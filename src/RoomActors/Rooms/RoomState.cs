using ClusterChat.Cluster;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// What an active room knows of its log: committed events only. It is a fold over them; replaying the same
/// events gives the same state. No clock, no I/O.
/// </summary>
internal sealed class RoomState
{
    private readonly RoomLimits _limits;
    private readonly Queue<StoredEvent> _tail = [];
    private readonly MidWindow _mids;
    private long _tailBytes;

    /// <summary>Folds what the journal gave at the opening.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="opened">What the journal gave.</param>
    /// <param name="limits">What is kept in memory.</param>
    /// <param name="earlier">Writes before the tail, in the order of the log.</param>
    public RoomState(string room, OpenedRoom opened, RoomLimits limits, IReadOnlyList<HandedWrite>? earlier = null)
    {
        Room = room;
        Log = opened.Log;
        Head = opened.Head - opened.Tail.Count;
        First = opened.First;
        _limits = limits;
        _mids = new MidWindow(limits.MidWindow, limits.MidAge);
        foreach (var write in earlier ?? [])
        {
            LastTs = Math.Max(LastTs, write.Ts);
            _mids.Add(write.Author, write.Mid, new WrittenAt(write.Seq, write.Ts));
        }

        foreach (var @event in opened.Tail)
        {
            Apply(@event);
        }
    }

    /// <summary>The room's name.</summary>
    public string Room { get; }

    /// <summary>The identity of its history.</summary>
    public string Log { get; }

    /// <summary>The number of the newest event; 0 for none.</summary>
    public long Head { get; private set; }

    /// <summary>The number of the oldest event that can still be read.</summary>
    public long First { get; private set; }

    /// <summary>The time of the newest event in memory; no later event has an earlier one.</summary>
    public long LastTs { get; private set; }

    /// <summary>The number of the oldest event in memory; <c>Head + 1</c> for none.</summary>
    public long TailStart => Head - _tail.Count + 1;

    /// <summary>The newest events, ascending, without a hole.</summary>
    public IReadOnlyCollection<StoredEvent> Tail => _tail;

    /// <summary>The newest writes that are known, in the order in which they came to be known.</summary>
    public IEnumerable<(WriteKey Key, WrittenAt At)> Writes => _mids.All;

    /// <summary>Takes the next committed event.</summary>
    /// <exception cref="InvalidOperationException">It is not the next one.</exception>
    public void Apply(StoredEvent @event)
    {
        if (@event.Seq != Head + 1)
        {
            throw new InvalidOperationException($"Room {Room}: event {@event.Seq} cannot follow {Head}.");
        }

        Head = @event.Seq;
        LastTs = Math.Max(LastTs, @event.Ts);
        _mids.Add(@event.Author, @event.Mid, new WrittenAt(@event.Seq, @event.Ts));
        _tail.Enqueue(@event);
        _tailBytes += @event.Line.Length;
        while (_tail.Count > _limits.TailEvents || (_tailBytes > _limits.TailBytes && _tail.Count > 1))
        {
            _tailBytes -= _tail.Dequeue().Line.Length;
        }

        if (_limits.TailIsAll)
        {
            First = TailStart;
        }
    }

    /// <summary>Whether a write is known, and where it stands.</summary>
    public bool TryFind(string author, string mid, out WrittenAt at) => _mids.TryFind(author, mid, out at);

    /// <summary>Takes in what the journal said of a write that is older than the window.</summary>
    public void Remember(StoredEvent @event) => _mids.Add(@event.Author, @event.Mid, new WrittenAt(@event.Seq, @event.Ts));

    /// <summary>Takes in that the journal holds nothing before an event any more.</summary>
    public void Trim(long first) => First = Math.Max(First, Math.Min(first, TailStart));

    /// <summary>Reads a range from memory.</summary>
    /// <returns>Null where the range reaches further back than the memory, so the journal has to be asked.</returns>
    public IReadOnlyList<StoredEvent>? TryRead(ReadRange range)
    {
        // Clients choose these numbers: none of them may overflow.
        var low = Math.Max(Math.Min(range.After, Head), First - 1) + 1;
        var high = Math.Min(range.Before - 1, Head);
        if (low > high || range.Limit == 0)
        {
            return [];
        }

        if (range.Newest)
        {
            low = Math.Max(low, high - range.Limit + 1);
        }

        // A page that ends early for its bytes may be here as a whole where its limit of events reaches further back.
        var isPart = low < TailStart;
        if (isPart && (!range.Newest || high < TailStart))
        {
            return null;
        }

        low = Math.Max(low, TailStart);
        high = Math.Min(high, low + range.Limit - 1);
        var events = new List<StoredEvent>((int)(high - low + 1));
        foreach (var @event in _tail)
        {
            if (@event.Seq > high)
            {
                break;
            }

            if (@event.Seq >= low)
            {
                events.Add(@event);
            }
        }

        var page = range.Cut(events);
        return isPart && page.Count == events.Count ? null : page;
    }
}

/// <summary>What a room keeps in memory.</summary>
/// <param name="TailEvents">The newest events.</param>
/// <param name="TailBytes">Their bytes.</param>
/// <param name="TailIsAll">Whether there is no history but this (memory rooms).</param>
/// <param name="MidWindow">The newest ids of writes.</param>
/// <param name="MidAge">The age at which ids are forgotten; null for never.</param>
internal sealed record RoomLimits(int TailEvents, int TailBytes, bool TailIsAll, int MidWindow, TimeSpan? MidAge)
{
    public static RoomLimits For(RoomOptions options, bool memory) => memory
        ? new RoomLimits(options.MemoryTailEvents, options.TailBytes, true, options.MemoryMidWindow, options.MemoryMidAge)

        // A batch that repeats old writes is decided again once the journal has said where they are: the window
        // has to hold all of them at once.
        : new RoomLimits(options.TailEvents, options.TailBytes, false, Math.Max(options.MidWindow, options.MaxBatchWrites), null);
}
