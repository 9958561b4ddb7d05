using System.Text.Json;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>
/// What was sent and what was acked, and the check of a room's history against it: section 1 of the design, points
/// 1 and 2.
/// </summary>
internal sealed class Ledger
{
    private readonly Lock _gate = new();
    private readonly List<SentWrite> _writes = [];
    private readonly Dictionary<string, List<SentWrite>> _unacked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SentWrite> _byMid = new(StringComparer.Ordinal);
    private readonly List<string> _violations = [];
    private List<TimeSpan> _deliveries = [];
    private TimeSpan _slowest;
    private int _acked;
    private int _repeats;

    /// <summary>Pulsed at each ack.</summary>
    public Signal Changed { get; } = new();

    public int Sent
    {
        get
        {
            lock (_gate)
                return _writes.Count;
        }
    }

    public int Acked => Volatile.Read(ref _acked);

    /// <summary>Acks that said <c>dup</c>.</summary>
    public int Repeats => Volatile.Read(ref _repeats);

    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_gate)
                return [.. _violations];
        }
    }

    /// <summary>The longest time from sending to ack since the last call.</summary>
    public TimeSpan TakeSlowest()
    {
        lock (_gate)
        {
            var slowest = _slowest;
            _slowest = TimeSpan.Zero;
            return slowest;
        }
    }

    /// <summary>From the sending of a message to its arrival at each client, for all that arrived since the last call; ascending.</summary>
    public IReadOnlyList<TimeSpan> TakeDeliveries()
    {
        lock (_gate)
        {
            var taken = _deliveries;
            _deliveries = [];
            taken.Sort();
            return taken;
        }
    }

    public int UnackedCount(string client)
    {
        lock (_gate)
            return _unacked.TryGetValue(client, out var unacked) ? unacked.Count : 0;
    }

    public SentWrite Add(SentWrite write)
    {
        lock (_gate)
        {
            _writes.Add(write);
            _byMid.Add(write.Mid, write);
            if (!_unacked.TryGetValue(write.Client, out var unacked))
                _unacked.Add(write.Client, unacked = []);
            unacked.Add(write);
        }

        return write;
    }

    /// <summary>A client's unacked writes, in the order in which they were sent.</summary>
    public IReadOnlyList<SentWrite> Unacked(string client)
    {
        lock (_gate)
            return _unacked.TryGetValue(client, out var unacked) ? [.. unacked] : [];
    }

    /// <summary>Takes a line of any client: acks count, errors are violations.</summary>
    public void OnLine(JsonElement line)
    {
        var type = line.GetProperty("t").GetString();
        if (type == "msg")
        {
            lock (_gate)
                _deliveries.Add(_byMid[line.GetProperty("mid").GetString()!].Age);
            return;
        }

        if (type is not ("ack" or "error"))
            return;
        lock (_gate)
        {
            if (type == "error")
            {
                _violations.Add(line.ToString());
                return;
            }

            var write = _byMid[line.GetProperty("mid").GetString()!];
            if (!write.IsAcked)
                Interlocked.Increment(ref _acked);
            if (line.GetProperty("dup").GetBoolean())
                Interlocked.Increment(ref _repeats);
            if (write.Acknowledge(line.GetProperty("seq").GetInt64(), line.GetProperty("ts").GetInt64()) is { } wrong)
                _violations.Add(wrong);
            _unacked[write.Client].Remove(write);
            _slowest = write.Took > _slowest ? write.Took : _slowest;
        }

        Changed.Pulse();
    }

    /// <summary>
    /// The whole history of a room against what was acked: <c>seq</c> dense from 1, <c>ts</c> never decreasing, each
    /// <c>mid</c> once, each acked write where the ack said and as it was sent, and each client's writes in its order.
    /// </summary>
    public void ShouldHold(string room, IReadOnlyList<JsonElement> events)
    {
        List<SentWrite> writes;
        lock (_gate)
            writes = [.. _writes.Where(w => w.Room == room)];

        events.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, events.Count).Select(n => (long)n), false, $"seq of {room}");
        var times = events.Select(e => e.GetProperty("ts").GetInt64()).ToList();
        times.ShouldBe(times.Order(), false, $"ts of {room}");
        var mids = events.Select(e => e.GetProperty("mid").GetString()!).ToList();
        mids.GroupBy(m => m, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty($"repeated in {room}");
        mids.Except(writes.Select(w => w.Mid), StringComparer.Ordinal).ShouldBeEmpty($"in {room} and never sent");

        foreach (var write in writes.Where(w => w.IsAcked))
        {
            write.Seq.ShouldBeLessThanOrEqualTo(events.Count, $"{write.Mid} was acked as {room}/{write.Seq} and is not there");
            var line = events[(int)write.Seq - 1];
            (line.GetProperty("mid").GetString(), line.GetProperty("text").GetString(), line.GetProperty("ts").GetInt64(), line.GetProperty("from").GetString())
                .ShouldBe((write.Mid, write.Text, write.Ts, write.Client), $"{room}/{write.Seq}");
        }

        foreach (var client in writes.Where(w => w.IsAcked).GroupBy(w => w.Client, StringComparer.Ordinal))
        {
            var order = client.Select(w => w.Seq).ToList();
            order.ShouldBe(order.Order(), false, $"the order of {client.Key} in {room}");
        }
    }
}
