using System.Globalization;
using System.Text;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>
/// The journal's port at its simplest: the model that adapters are compared with, and the store of simulations.
/// </summary>
/// <remarks>
/// Thread-safe. Every call takes effect and completes before it returns, so a single-threaded simulation stays
/// deterministic; time and faults are the business of <see cref="FaultyJournal"/>. The ids of logs are a
/// function of the order of creation.
/// </remarks>
/// <param name="slots">
/// Over how many slots rooms without an event are spread, as in the adapters; few of them for neighbours that fence each other often. 0: each room has
/// its own.
/// </param>
public sealed class InMemoryJournal(int slots = 0) : IJournal, IRoomDeletion
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Row> _rooms = new(Utf8Order.Instance);
    private readonly Dictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private int _logs;

    /// <summary>What is stored, for checkers: all rooms in the order of their names.</summary>
    public IReadOnlyList<JournaledRoom> Rooms
    {
        get
        {
            lock (_gate)
                return [.. _rooms.Select(pair => pair.Value.ToRoom(pair.Key))];
        }
    }

    /// <summary>What is stored of one room; null where it never had an event.</summary>
    public JournaledRoom? Find(string room)
    {
        lock (_gate)
            return _rooms.TryGetValue(room, out var row) ? row.ToRoom(room) : null;
    }

    /// <summary>The newest epoch under which a room may be written to; 0 where it was never opened.</summary>
    public long EpochOf(string room)
    {
        lock (_gate)
            return _rooms.TryGetValue(room, out var row) ? row.Epoch : _slots.TryGetValue(SlotOf(room), out var slot) ? slot.Epoch : 0;
    }

    /// <summary>Forgets a room's events before one of them, as trimming does.</summary>
    public void Trim(string room, long first)
    {
        lock (_gate)
            _rooms[room].Trim(first);
    }

    /// <inheritdoc />
    public ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowUnlessText(room);
        lock (_gate)
        {
            if (_rooms.TryGetValue(room, out var row))
                return ValueTask.FromResult(row.Open(view, tail));
            if (!_slots.TryGetValue(SlotOf(room), out var slot))
                _slots.Add(SlotOf(room), slot = new Slot(NewLog(), isShared: slots > 0));
            return ValueTask.FromResult(slot.Open(view) ? new OpenedRoom(slot.Epoch, slot.LogOf(room), 0, 1, []) : null);
        }
    }

    /// <inheritdoc />
    public ValueTask<long?> DeleteAsync(string room, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return ValueTask.FromResult(_rooms.TryGetValue(room, out var row) ? row.Delete(NewLog()) : (long?)null);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AppendResult>> AppendAsync(
        IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var results = new AppendResult[batch.Count];
            for (var i = 0; i < results.Length; i++)
                results[i] = Append(batch[i]);
            return ValueTask.FromResult<IReadOnlyList<AppendResult>>(results);
        }
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowUnlessText(room);
        lock (_gate)
        {
            IReadOnlyList<StoredEvent> events = _rooms.TryGetValue(room, out var row) ? row.Read(range) : [];
            return ValueTask.FromResult(events);
        }
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(
        string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowUnlessText(prefix);
        ThrowUnlessText(after);
        lock (_gate)
        {
            IReadOnlyList<StoredRoom> rooms =
            [
                .. _rooms.Where(pair => pair.Value.Head > 0
                        && pair.Key.StartsWith(prefix, StringComparison.Ordinal)
                        && Utf8Order.Instance.Compare(pair.Key, after) > 0)
                    .Take(Math.Max(limit, 0))
                    .Select(pair => new StoredRoom(pair.Key, pair.Value.Head)),
            ];
            return ValueTask.FromResult(rooms);
        }
    }

    private static void ThrowUnlessText(string name)
    {
        if (!IsText(name))
            throw new ArgumentException("A name cannot have a NUL or a lone surrogate.", nameof(name));
    }

    // Written differently from the adapters' own rule on purpose: the contract suite compares the two.
    private static bool IsText(string? text)
    {
        if (text is null || text.Contains('\0', StringComparison.Ordinal))
            return false;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var taken) != System.Buffers.OperationStatus.Done)
                return false;
            rest = rest[taken..];
        }

        return true;
    }

    private AppendResult Append(AppendEntry entry)
    {
        var events = entry.Events;
        if (events.Count == 0 || !IsText(entry.Room)
            || events.Any(e => !IsText(e.Author) || !IsText(e.Mid))
            || !events.Select(e => e.Seq).SequenceEqual(Enumerable.Range(1, events.Count).Select(i => entry.BaseSeq + i)))
        {
            return Rejected("the entry breaks a rule");
        }

        if (!_rooms.TryGetValue(entry.Room, out var row))
            row = entry.BaseSeq == 0 && _slots.TryGetValue(SlotOf(entry.Room), out var slot) ? slot.Row(entry.Room) : null;
        if (row is null || row.Epoch != entry.Epoch || row.Head != entry.BaseSeq)
            return AppendResult.Fenced;
        var existing = row.Existing(events);
        if (existing.Count > 0)
            return new AppendResult(AppendStatus.Duplicate, existing);
        if (events.DistinctBy(e => (e.Author, e.Mid)).Count() < events.Count)
            return Rejected("the entry repeats one of its own (author, mid) pairs");
        row.Append(events);
        _rooms[entry.Room] = row;
        return AppendResult.Committed;
    }

    private string NewLog() => $"log-{++_logs:D8}";

    private string SlotOf(string room)
        => slots == 0 ? room : string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetBytes(room).Sum(b => (long)b) % slots}");

    private static AppendResult Rejected(string error) => new(AppendStatus.Rejected, [], error);

    /// <summary>Of rooms without an event: written as the adapters' tables say, see the remarks of <see cref="IJournal"/>.</summary>
    private sealed class Slot(string log, bool isShared)
    {
        private long _view;

        public long Epoch { get; private set; }

        public bool Open(long view)
        {
            if (view < _view)
                return false;
            (_view, Epoch) = (view, Epoch + 1);
            return true;
        }

        public string LogOf(string room) => isShared ? $"{log}.{Convert.ToHexString(Encoding.UTF8.GetBytes(room))}" : log;

        public Row Row(string room) => new(LogOf(room), Epoch, _view);
    }

    private sealed class Row(string log, long epoch, long view)
    {
        private readonly List<StoredEvent> _events = [];
        private readonly Dictionary<(string Author, string Mid), StoredEvent> _writes = [];
        private string _log = log;
        private long _view = view;

        public long Epoch { get; private set; } = epoch;

        public long Head { get; private set; }

        private long First => Head - _events.Count + 1;

        public OpenedRoom? Open(long view, int tail)
        {
            if (view < _view)
                return null;
            _view = view;
            Epoch++;
            return new OpenedRoom(Epoch, _log, Head, First, Read(new ReadRange(0, long.MaxValue, tail, Newest: true, OpenedRoom.MaxTailBytes)));
        }

        public long Delete(string newLog)
        {
            _events.Clear();
            _writes.Clear();
            (_log, Head) = (newLog, 0);
            return ++Epoch;
        }

        public List<StoredEvent> Existing(IEnumerable<StoredEvent> events) =>
            [.. events.Where(e => _writes.ContainsKey((e.Author, e.Mid))).Select(e => _writes[(e.Author, e.Mid)]).DistinctBy(e => e.Seq)];

        public void Append(IReadOnlyList<StoredEvent> events)
        {
            foreach (var e in events)
            {
                // The caller may reuse its buffers.
                var stored = e with { Line = e.Line.ToArray() };
                _events.Add(stored);
                _writes.Add((e.Author, e.Mid), stored);
            }

            Head += events.Count;
        }

        public List<StoredEvent> Read(ReadRange range)
        {
            var all = _events.Where(e => e.Seq > range.After && e.Seq < range.Before);
            var limit = Math.Max(range.Limit, 0);
            var inOrder = range.Newest ? all.TakeLast(limit).Reverse() : all.Take(limit);
            long bytes = 0;
            List<StoredEvent> read = [.. inOrder.TakeWhile((e, i) => (bytes += e.Line.Length) <= range.Bytes || i == 0)];
            if (range.Newest)
                read.Reverse();
            return read;
        }

        public void Trim(long first)
        {
            foreach (var e in _events.TakeWhile(e => e.Seq < first))
                _writes.Remove((e.Author, e.Mid));
            _events.RemoveAll(e => e.Seq < first);
        }

        public JournaledRoom ToRoom(string name) => new(name, _log, Epoch, _view, Head, First, [.. _events]);
    }
}
