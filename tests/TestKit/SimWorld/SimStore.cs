using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>
/// The store of the simulated world: it outlives the nodes, and so do requests that are on their
/// way to it. Its faults come from the plan until <see cref="Heal"/>.
/// </summary>
internal sealed class SimStore
{
    /// <summary>Events with this text in them are refused for good.</summary>
    public const string Poison = "poison";

    private readonly Simulation _simulation;
    private readonly SimPlan _plan;
    private readonly Action<Fact> _tell;
    private readonly List<SimStoreAccess> _accesses = [];
    private bool _healed;
    private bool _isAway;

    /// <summary>Creates an empty store.</summary>
    public SimStore(Simulation simulation, SimPlan plan, Action<Fact> tell)
    {
        _simulation = simulation;
        _plan = plan;
        _tell = tell;
    }

    /// <summary>What is stored of rooms. With few slots, so that rooms without an event fence each other.</summary>
    public InMemoryJournal Journal { get; } = new(slots: 2);

    /// <summary>Whether the store cannot be reached, by anybody.</summary>
    public bool IsAway
    {
        get => _isAway;
        set
        {
            _simulation.Trace($"store {(value ? "goes away" : "is back")}");
            _isAway = value;
            foreach (var access in _accesses)
            {
                access.Set(_isAway, access.IsCutOff);
            }
        }
    }

    /// <summary>From now on it works well.</summary>
    public void Heal()
    {
        _healed = true;
        IsAway = false;
        foreach (var access in _accesses)
        {
            access.Set(isAway: false, isCutOff: false);
        }
    }

    /// <summary>A process's way to the store.</summary>
    public SimStoreAccess Connect(SimulatedProcess process)
    {
        var recorder = new JournalRecorder(new PoisonedJournal(Journal), process.Name, _simulation.Clock, _tell);
        var faulty = new FaultyJournal(recorder, Decide, DelayAsync, Hold);
        var access = new SimStoreAccess(process, faulty, new SimStoreConnection(_simulation, process, faulty));
        access.Set(_isAway, isCutOff: false);
        _accesses.RemoveAll(a => a.Process.IsKilled);
        _accesses.Add(access);
        return access;
    }

    /// <summary>One process loses its way to the store, or finds it again.</summary>
    public void CutOff(SimStoreAccess access, bool isCutOff)
    {
        access.Set(_isAway, isCutOff);
        _tell(new Fact.StoreReach(_simulation.Clock.Elapsed, access.Process.Name, isCutOff));
    }

    /// <summary>Whether an event is stored.</summary>
    public bool Holds(string room, string author, string mid, long seq)
        => Journal.Find(room) is { } found && found.Events.Any(e => e.Seq == seq && e.Author == author && e.Mid == mid);

    private JournalFault Decide(JournalCall call)
    {
        var roll = _healed ? 1 : _simulation.Random.NextDouble();
        var fault = (roll -= _plan.StoreLost) < 0 ? JournalFault.FailBefore
            : (roll -= _plan.StoreAnswerLost) < 0 ? JournalFault.FailAfter
            : (roll - _plan.StoreLate) < 0 ? JournalFault.Late
            : JournalFault.None;
        if (fault != JournalFault.None)
        {
            _simulation.Trace($"store {call.Number} {call.Operation} {call.Room}: {fault}");
        }

        return fault;
    }

    private async ValueTask DelayAsync(JournalCall call, JournalStage stage, CancellationToken cancellationToken)
    {
        var random = _simulation.Random;
        var slow = !_healed && random.NextDouble() < _plan.StoreSlow;
        var delay = TimeSpan.FromMicroseconds(random.Next(50, slow ? 3_000_000 : _plan.StoreMicroseconds));
        await Task.Delay(delay, _simulation.Clock, cancellationToken);
    }

    private void Hold(HeldCall call)
    {
        var late = TimeSpan.FromMilliseconds(_simulation.Random.Next(5000));
        _simulation.After(late, () =>
        {
            _simulation.Trace($"store {call.Call.Number}: the late one arrives");
            _ = ReleaseAsync(call);
        });
    }

    private static async Task ReleaseAsync(HeldCall call)
    {
        try
        {
            await call.ReleaseAsync();
        }
        catch (JournalUnavailableException)
        {
            // Nobody waits for it.
        }
    }

    /// <summary>Refuses what has <see cref="Poison"/> in it, for good, as a database refuses a value.</summary>
    private sealed class PoisonedJournal(IJournal inner) : IJournal
    {
        public ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
            => inner.OpenAsync(room, view, tail, cancellationToken);

        public async ValueTask<IReadOnlyList<AppendResult>> AppendAsync(IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
        {
            var good = batch.Where(e => !IsPoisoned(e)).ToList();
            var results = await inner.AppendAsync(good, cancellationToken);
            return [.. batch.Select(e => IsPoisoned(e) ? new AppendResult(AppendStatus.Rejected, [], "poison") : results[good.IndexOf(e)])];
        }

        public ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
            => inner.ReadAsync(room, range, cancellationToken);

        public ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
            => inner.ListRoomsAsync(prefix, after, limit, cancellationToken);

        private static bool IsPoisoned(AppendEntry entry)
            => entry.Events.Any(e => e.Line.Span.IndexOf("poison"u8) >= 0);
    }
}
