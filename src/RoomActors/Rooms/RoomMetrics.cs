using System.Diagnostics.Metrics;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>The meter <c>ClusterChat.Rooms</c>. No rooms as tags: a node has as many of them as users care to name.</summary>
internal sealed class RoomMetrics
{
    public const string MeterName = "ClusterChat.Rooms";

    private static readonly (AppendStatus Status, string Name)[] Statuses =
        [.. Enum.GetValues<AppendStatus>().Select(s => (s, s.ToString().ToLowerInvariant()))];

    private static readonly (string Side, string State)[] Sides = [("giving", "none"), ("giving", "known"), ("taking", "none"), ("taking", "known")];

    // From one write to the most that a batch may hold.
    private static readonly double[] DecideSeconds = [0.000005, 0.00001, 0.000025, 0.0001, 0.00025, 0.001, 0.0025, 0.01, 0.1];

    // As long as a store may take: from a commit on a fast disk nearby to its time-out.
    private static readonly double[] StoreSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly long[] _handovers = new long[Sides.Length];
    private readonly long[] _appends = new long[Statuses.Length];
    private readonly Histogram<double>? _decideDuration;
    private readonly Histogram<double>? _appendDuration;
    private readonly Histogram<double>? _openDuration;
    private readonly Histogram<double>? _givingDuration;
    private readonly Counter<long>? _failedOpens;
    private readonly Meter? _meter;
    private long _readBytes;
    private long _refusedReads;
    private readonly Counter<long>? _refused;

    /// <param name="meters">Null: nothing is shown.</param>
    /// <param name="active">The rooms that are active.</param>
    /// <param name="names">The names that are held.</param>
    public RoomMetrics(IMeterFactory? meters, ActiveRooms active, HeldNames names)
    {
        // The factory owns the meter.
        if ((_meter = meters?.Create(MeterName)) is not { } meter)
            return;
        meter.CreateObservableUpDownCounter("clusterchat.rooms.active", () => active.Count, "{room}", "Rooms that run on this node.");
        meter.CreateObservableGauge(
            "clusterchat.rooms.active.limit",
            () => active.Most == int.MaxValue ? [] : (Measurement<long>[])[new(active.Most)],
            "{room}",
            "How many may run; not there where it has no limit.");
        meter.CreateObservableUpDownCounter("clusterchat.names.held", () => names.Count, "{name}", "Names that are held for users whose lines broke.");
        meter.CreateObservableCounter(
            "clusterchat.names.pushed_out", () => names.PushedOut, "{name}", "Names that were held, and given up before their time since there were too many.");
        meter.CreateObservableCounter(
            "clusterchat.appends",
            () => Statuses.Select((s, i) => new Measurement<long>(Interlocked.Read(ref _appends[i]), new KeyValuePair<string, object?>("status", s.Name))),
            "{append}",
            "Appends of rooms' events, by what became of them.");
        _decideDuration = Histogram(meter, "clusterchat.decide.duration", "Time in which a room decides a batch of writes.", DecideSeconds);
        _appendDuration = Histogram(meter, "clusterchat.append.duration", "Time from a room's decision to the journal's answer, with the wait for the commit before.", StoreSeconds);
        _openDuration = Histogram(meter, "clusterchat.room.open.duration", "Time in which the journal opened a room.", StoreSeconds);
        _givingDuration = Histogram(meter, "clusterchat.handover.giving.duration", "Time in which a room that moves told what it knew, since no append was under way any more.", StoreSeconds);
        meter.CreateObservableCounter(
            "clusterchat.handovers",
            () => Sides.Select((side, i) => new Measurement<long>(Interlocked.Read(ref _handovers[i]), new("side", side.Side), new("state", side.State))),
            "{room}",
            "Rooms given to their next owners, and taken from earlier ones; state: with what was known of them, or none.");
        meter.CreateObservableCounter("clusterchat.reads.bytes", () => Interlocked.Read(ref _readBytes), "By", "Bytes of events' lines that were read from the journal for pages.");
        meter.CreateObservableCounter("clusterchat.reads.refused", () => Interlocked.Read(ref _refusedReads), "{read}", "Reads of the journal that were refused, since too many were waiting.");
        _refused = meter.CreateCounter<long>("clusterchat.rooms.refused", "{room}", "Activations of rooms that were refused, as the node had all that it may have.");
        _failedOpens = meter.CreateCounter<long>("clusterchat.room.open.failures", "{failure}", "Rooms that could not be opened, since the journal was away; they try again.");
    }

    /// <summary>A batch of writes was decided.</summary>
    public void Decided(TimeSpan took) => _decideDuration?.Record(took.TotalSeconds);

    /// <summary>The journal has answered.</summary>
    public void Appended(AppendStatus status, TimeSpan took)
    {
        Interlocked.Increment(ref _appends[(int)status]);
        _appendDuration?.Record(took.TotalSeconds);
    }

    /// <summary>The journal has opened a room, or said that it is another's.</summary>
    public void Opened(TimeSpan took) => _openDuration?.Record(took.TotalSeconds);

    /// <summary>The journal did not open a room.</summary>
    public void OpenFailed() => _failedOpens?.Add(1);

    /// <summary>Events were read from the journal.</summary>
    public void Read(IReadOnlyList<StoredEvent> events)
    {
        var bytes = 0L;
        for (var i = 0; i < events.Count; i++)
        {
            bytes += events[i].Line.Length;
        }

        Interlocked.Add(ref _readBytes, bytes);
    }

    /// <summary>A read was refused, since too many wait.</summary>
    public void ReadRefused() => Interlocked.Increment(ref _refusedReads);

    /// <summary>Shows how many reads wait.</summary>
    public void Watch(FairReads reads)
        => _meter?.CreateObservableUpDownCounter("clusterchat.reads.waiting", () => (long)reads.Waiting, "{read}", "Reads of the journal that wait for their turn.");

    /// <summary>A room was not activated.</summary>
    public void Refused() => _refused?.Add(1);

    /// <summary>A room was given away.</summary>
    /// <param name="withState">Whether what was known of it went with it.</param>
    /// <param name="took">Since no append was under way any more.</param>
    public void Given(bool withState, TimeSpan took)
    {
        Interlocked.Increment(ref _handovers[withState ? 1 : 0]);
        _givingDuration?.Record(took.TotalSeconds);
    }

    /// <summary>A room was activated.</summary>
    /// <param name="withState">Whether it is known what it knew elsewhere.</param>
    public void Taken(bool withState) => Interlocked.Increment(ref _handovers[withState ? 3 : 2]);

    private static Histogram<double> Histogram(Meter meter, string name, string description, double[] bounds)
        => meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
