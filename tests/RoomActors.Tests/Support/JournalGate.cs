using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests;

/// <summary>Holds chosen calls of a <see cref="FaultyJournal"/> at a stage until the test lets them go on, and picks their faults.</summary>
internal sealed class JournalGate
{
    private readonly List<(JournalOperation Operation, JournalStage Stage)> _stops = [];
    private readonly List<(JournalCall Call, TaskCompletionSource Go)> _held = [];
    private readonly Queue<(JournalOperation Operation, JournalFault Fault)> _faults = [];

    public List<JournalCall> Calls { get; } = [];

    /// <summary>The calls that are held now, the oldest first.</summary>
    public IReadOnlyList<JournalCall> Held => [.. _held.Select(h => h.Call)];

    public int Count(JournalOperation operation) => Calls.Count(c => c.Operation == operation);

    /// <summary>From now on calls of a kind stop at a stage.</summary>
    public void Stop(JournalOperation operation, JournalStage stage) => _stops.Add((operation, stage));

    /// <summary>From now on no call stops; those that are held stay so until <see cref="Release"/>.</summary>
    public void Open() => _stops.Clear();

    /// <summary>Lets the oldest held call of a kind go on.</summary>
    public void Release(JournalOperation operation)
    {
        var index = _held.FindIndex(h => h.Call.Operation == operation);
        index.ShouldBeGreaterThanOrEqualTo(0);
        var go = _held[index].Go;
        _held.RemoveAt(index);
        go.SetResult();
    }

    /// <summary>The next call of a kind fails so, the one after it as the next of these calls says.</summary>
    public void Fail(JournalOperation operation, JournalFault fault) => _faults.Enqueue((operation, fault));

    public JournalFault Decide(JournalCall call)
    {
        Calls.Add(call);
        return _faults.TryPeek(out var next) && next.Operation == call.Operation ? _faults.Dequeue().Fault : JournalFault.None;
    }

    public async ValueTask DelayAsync(JournalCall call, JournalStage stage, CancellationToken cancellationToken)
    {
        if (!_stops.Contains((call.Operation, stage)))
            return;
        var go = new TaskCompletionSource();
        _held.Add((call, go));
        await go.Task;
    }
}
