using System.Diagnostics.Metrics;
using ClusterChat.Gateway.Connections;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway;

/// <summary>
/// The meter <c>ClusterChat.Gateway</c>. What happens once a delivery is never measured by itself: plain counters are kept
/// where the work is done, and read when somebody asks.
/// </summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "ClusterChat.Gateway";

    private static readonly string[] Kinds = ["json", "plain", "sse"];
    private static readonly CloseReason[] Reasons = Enum.GetValues<CloseReason>();
    private static readonly ErrorCode[] Codes = Enum.GetValues<ErrorCode>();

    // From a commit on a fast disk nearby to one that a fail-over of the database was in the way of.
    private static readonly double[] AckSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    // From a room with a few clients to one with all that a node can have.
    private static readonly double[] FanOutSeconds = [0.00001, 0.000025, 0.0001, 0.00025, 0.001, 0.0025, 0.01, 0.025, 0.1];

    private readonly long[] _opened = new long[Kinds.Length];
    private readonly long[] _closed = new long[Kinds.Length];

    // The last one is for clients that ended it themselves.
    private readonly long[] _reasons = new long[Reasons.Length + 1];
    private readonly long[] _rejections = new long[Codes.Length];
    private readonly Histogram<double>? _ackDuration;
    private readonly Histogram<double>? _fanOutDuration;
    private readonly Meter? _meter;
    private long _sends;
    private long _acks;
    private long _repeats;
    private long _deliveries;

    /// <param name="meters">Null: what is counted is not shown.</param>
    public GatewayMetrics(IMeterFactory? meters = null)
    {
        // The factory owns the meter.
        if ((_meter = meters?.Create(MeterName)) is not { } meter)
            return;
        meter.CreateObservableUpDownCounter(
            "clusterchat.connections", () => ByKind(k => Read(_opened, k) - Read(_closed, k)), "{connection}", "Clients that are connected, by what they speak.");
        meter.CreateObservableCounter(
            "clusterchat.connections.opened", () => ByKind(k => Read(_opened, k)), "{connection}", "Connections that clients have opened.");
        meter.CreateObservableCounter(
            "clusterchat.connections.closed", ReadReasons, "{connection}", "Connections that have ended, by the reason; \"client\" where the client wanted it.");
        meter.CreateObservableCounter("clusterchat.sends", () => Interlocked.Read(ref _sends), "{message}", "Writes that clients have handed in.");
        meter.CreateObservableCounter(
            "clusterchat.acks",
            () => new[] { Of(Acks - Interlocked.Read(ref _repeats), "dup", "false"), Of(Interlocked.Read(ref _repeats), "dup", "true") },
            "{message}",
            "Writes that are durable and were acked; dup: they had been before.");
        meter.CreateObservableCounter(
            "clusterchat.rejections",
            () => Codes.Select((code, i) => Of(Read(_rejections, i), "code", ErrorCodes.Name(code))),
            "{request}",
            "Errors that WebSocket clients were sent, by their code.");
        meter.CreateObservableCounter(
            "clusterchat.deliveries", () => Interlocked.Read(ref _deliveries), "{event}", "Events handed to clients' outboxes, once for each client.");
        _ackDuration = meter.CreateHistogram(
            "clusterchat.ack.duration", "s", "Time from a write's arrival at the gateway to its ack.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = AckSeconds });
        _fanOutDuration = meter.CreateHistogram(
            "clusterchat.fanout.duration", "s", "Time to hand a room's events to the outboxes of all its clients here.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = FanOutSeconds });
    }

    /// <summary>Writes that were acked.</summary>
    public long Acks => Interlocked.Read(ref _acks);

    /// <summary>Shows what the gateway's parts count by themselves.</summary>
    public void Watch(ConnectionRegistry connections, ConnectionServices services)
    {
        if (_meter is not { } meter)
            return;
        var lanes = services.Lanes.All;
        meter.CreateObservableUpDownCounter("clusterchat.unacked", () => (long)services.Rooms.Unacked, "{message}", "Writes that wait for their ack.");
        meter.CreateObservableUpDownCounter("clusterchat.reads.queued", () => (long)services.Limits.Reads.Waiting, "{read}", "Reads over HTTP of clients without a name that wait for their turn.");
        meter.CreateObservableCounter("clusterchat.reads.limited", () => services.Limits.Reads.Refused, "{read}", "Pages and lists that were refused, since their address, or all without a name, had read too much.");
        meter.CreateObservableUpDownCounter("clusterchat.rooms.subscribed", () => (long)services.Rooms.Rooms, "{room}", "Rooms with clients of this gateway.");
        var budget = services.Rooms.Budget;
        meter.CreateObservableUpDownCounter("clusterchat.subscriptions", () => (long)budget.Held, "{room}", "Rooms that this gateway follows, those included that no client is in any more.");
        meter.CreateObservableGauge("clusterchat.subscriptions.limit", () => Limit(budget.Most), "{room}", "How many it may follow; not there where it has no limit.");
        meter.CreateObservableCounter(
            "clusterchat.subscriptions.refused",
            () => new[] { Of(budget.Refused.Rate, "reason", "rate"), Of(budget.Refused.Number, "reason", "number") },
            "{request}",
            "Requests for rooms that the gateway does not follow yet which were refused: too many at once, or too many in all.");
        meter.CreateObservableUpDownCounter("clusterchat.outboxes.queued", () => connections.All.Sum(c => c.Outbox.QueuedBytes), "By", "What waits for all clients, or is being written to them.");
        meter.CreateObservableGauge(
            "clusterchat.outbox.deepest", () => connections.All.Select(c => c.Outbox.QueuedBytes).DefaultIfEmpty().Max(), "By", "The same for the client for which most waits.");
        meter.CreateObservableUpDownCounter(
            "clusterchat.output.held", () => services.Output.Budget.Held, "By", "What is held for clients that do not take it at once, copies and answers over HTTP included.");
        meter.CreateObservableGauge(
            "clusterchat.output.limit", () => Limit(services.Output.Budget.Most), "By", "How much of it may be held; not there where it has no limit.");
        meter.CreateObservableCounter(
            "clusterchat.output.given_up", () => services.Output.Budget.GivenUp, "{connection}", "Clients that were closed as slow since more was held than may be.");
        meter.CreateObservableUpDownCounter(
            "clusterchat.shares", () => new[] { Of(services.Limits.Users, "of", "user"), Of(services.Limits.Addresses, "of", "address") }, "{share}", "Users and addresses whose share of the limits is remembered.");
        meter.CreateObservableCounter(
            "clusterchat.shares.evicted",
            () => new[] { Of(services.Limits.EvictedUsers, "of", "user"), Of(services.Limits.EvictedAddresses, "of", "address") },
            "{share}",
            "Those that were forgotten early, since there were too many.");
        meter.CreateObservableCounter("clusterchat.lanes.turns", () => lanes.Sum(l => l.Counters.Turns), "{turn}", "Turns of the loops that write to clients.");
        meter.CreateObservableCounter("clusterchat.lanes.batches", () => lanes.Sum(l => l.Counters.Outboxes), "{batch}", "What went out to a client at once, in these turns.");
        meter.CreateObservableCounter("clusterchat.lanes.pieces", () => lanes.Sum(l => l.Counters.Pieces), "{piece}", "Lines, or several joined to one, in these batches.");
        meter.CreateObservableCounter("clusterchat.lanes.written", () => lanes.Sum(l => l.Counters.Bytes), "By", "Their bytes.");
    }

    /// <summary>A limit as a gauge shows it.</summary>
    /// <param name="most">0: there is none, and nothing is shown.</param>
    public static IEnumerable<Measurement<long>> Limit(long most) => most == 0 ? [] : [new Measurement<long>(most)];

    public void Opened(ConnectionKind kind) => Interlocked.Increment(ref _opened[(int)kind]);

    /// <param name="kind">What the client spoke.</param>
    /// <param name="reason">Null where the client ended it.</param>
    public void Closed(ConnectionKind kind, CloseReason? reason)
    {
        Interlocked.Increment(ref _closed[(int)kind]);
        Interlocked.Increment(ref _reasons[reason is { } known ? Array.IndexOf(Reasons, known) : Reasons.Length]);
    }

    public void SendBegun() => Interlocked.Increment(ref _sends);

    public void Acked(bool dup, TimeSpan took)
    {
        Interlocked.Increment(ref _acks);
        if (dup)
            Interlocked.Increment(ref _repeats);
        _ackDuration?.Record(took.TotalSeconds);
    }

    public void Rejected(ErrorCode code) => Interlocked.Increment(ref _rejections[(int)code]);

    public void FannedOut(TimeSpan took) => _fanOutDuration?.Record(took.TotalSeconds);

    /// <summary>Called once for all clients of a room.</summary>
    public void Delivered(long count) => Interlocked.Add(ref _deliveries, count);

    private static IEnumerable<Measurement<long>> ByKind(Func<int, long> value) => Kinds.Select((name, kind) => Of(value(kind), "kind", name));

    private IEnumerable<Measurement<long>> ReadReasons()
        => Reasons.Select((reason, i) => Of(Read(_reasons, i), "reason", reason.Text())).Append(Of(Read(_reasons, Reasons.Length), "reason", "client"));

    private static long Read(long[] counters, int index) => Interlocked.Read(ref counters[index]);

    private static Measurement<long> Of(long value, string key, string tag) => new(value, new KeyValuePair<string, object?>(key, tag));
}
