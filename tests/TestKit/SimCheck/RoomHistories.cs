using System.Text;
using System.Text.Json;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>
/// What each room's log holds: of durable rooms what the journal says, of memory rooms what was seen first. All
/// that clients saw is compared with it.
/// </summary>
internal sealed class RoomHistories
{
    private readonly Dictionary<string, JournaledRoom> _journal;
    private readonly Dictionary<(string Room, long Seq), string> _lines = [];
    private readonly Dictionary<(string Room, string Log, long Seq), string> _seen = [];
    private readonly Dictionary<string, string> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Room, string User, string Mid), string> _sent = [];
    private readonly Func<string, bool> _isMemory;
    private readonly Action<string, string> _report;

    public RoomHistories(
        IReadOnlyList<Fact> facts, IReadOnlyList<JournaledRoom> journal, Func<string, bool> isMemory, Action<string, string> report)
    {
        _isMemory = isMemory;
        _report = report;
        _journal = journal.ToDictionary(r => r.Name, StringComparer.Ordinal);
        foreach (var room in journal)
        {
            foreach (var e in room.Events)
            {
                _lines[(room.Name, e.Seq)] = Encoding.UTF8.GetString(e.Line.Span);
            }
        }

        foreach (var fact in facts)
        {
            if (fact is Fact.Welcomed welcomed)
            {
                if (!_users.TryAdd(welcomed.Client, welcomed.User) && _users[welcomed.Client] != welcomed.User)
                {
                    report(PromiseChecker.NothingBreaks, $"{welcomed.Client} is somebody else after a reconnect");
                }
            }
            else if (fact is Fact.Sent sent)
            {
                _sent[(sent.Room, UserOf(sent.Client), sent.Mid)] = sent.Text;
            }
        }
    }

    public bool IsMemory(string room) => _isMemory(room);

    public string UserOf(string client) => _users.GetValueOrDefault(client, "?" + client);

    public long Head(string room) => _journal.TryGetValue(room, out var found) ? found.Head : 0;

    public string? Log(string room) => _journal.TryGetValue(room, out var found) ? found.Log : null;

    public StoredEvent? Find(string room, long seq)
        => _journal.TryGetValue(room, out var found) && seq >= found.First && seq <= found.Head
            ? found.Events.ElementAtOrDefault((int)(seq - found.First)) : null;

    /// <summary>The number of a write's event; null where it has none.</summary>
    public long? SeqOf(string room, string user, string mid)
        => _journal.TryGetValue(room, out var found) ? found.Events.FirstOrDefault(e => e.Author == user && e.Mid == mid)?.Seq : null;

    /// <summary>Compares what a client saw with the log.</summary>
    public void CheckBytes(string client, string room, string log, Fact.SeenEvent seen)
    {
        var known = _isMemory(room)
            ? _seen.TryAdd((room, log, seen.Seq), seen.Line) ? seen.Line : _seen[(room, log, seen.Seq)]
            : _lines.GetValueOrDefault((room, seen.Seq));
        if (known is null)
        {
            _report(PromiseChecker.AckedIsDurable, $"{client} saw {room}/{seen.Seq}, which the journal does not hold: {seen.Line}");
        }
        else if (known != seen.Line)
        {
            _report(PromiseChecker.SameBytes, $"{client} saw {room}/{seen.Seq} as {seen.Line}, it is {known}");
        }
    }

    /// <summary>Checks the journal by itself: dense, one event a write, and nothing that nobody wrote.</summary>
    public void CheckJournal()
    {
        foreach (var room in _journal.Values)
        {
            var writes = new HashSet<(string, string)>();
            var (next, ts) = (1L, 0L);
            foreach (var e in room.Events)
            {
                var (line, where) = (_lines[(room.Name, e.Seq)], $"{room.Name}/{e.Seq}");
                if (e.Seq != next)
                {
                    _report(PromiseChecker.Dense, $"{where} stands where {next} has to be");
                }

                if (e.Ts < ts)
                {
                    _report(PromiseChecker.Dense, $"{where} is earlier than the event before it");
                }

                if (!writes.Add((e.Author, e.Mid)))
                {
                    _report(PromiseChecker.ExactlyOnce, $"{where} repeats {e.Mid} of {e.Author}");
                }

                if (!_sent.TryGetValue((room.Name, e.Author, e.Mid), out var text))
                {
                    _report(PromiseChecker.ExactlyOnce, $"{where} was written by nobody: {line}");
                }
                else if (!Says(line, room.Name, e, text))
                {
                    _report(PromiseChecker.SameBytes, $"{where} is not what {e.Author} sent ({text}): {line}");
                }

                (next, ts) = (e.Seq + 1, e.Ts);
            }

            if (room.Head != next - 1)
            {
                _report(PromiseChecker.Dense, $"{room.Name} has its head at {room.Head}, and its last event at {next - 1}");
            }
        }
    }

    /// <summary>Checks the logs of memory rooms, as far as they were seen: one event a write.</summary>
    public void CheckMemory()
    {
        var writes = new Dictionary<(string Room, string Log, string Mid), long>();
        foreach (var ((room, log, seq), line) in _seen)
        {
            using var json = JsonDocument.Parse(line);
            var mid = json.RootElement.GetProperty("mid").GetString()!;
            if (!writes.TryAdd((room, log, mid), seq))
            {
                _report(PromiseChecker.ExactlyOnce, $"{room} has {mid} in the log {log} as {writes[(room, log, mid)]} and as {seq}");
            }
        }
    }

    private static bool Says(string line, string room, StoredEvent e, string text)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        return root.GetProperty("room").GetString() == room && root.GetProperty("seq").GetInt64() == e.Seq
            && root.GetProperty("mid").GetString() == e.Mid && root.GetProperty("ts").GetInt64() == e.Ts
            && root.GetProperty("text").GetString() == text;
    }
}
