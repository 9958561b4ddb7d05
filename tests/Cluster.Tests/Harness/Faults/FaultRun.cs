using System.Globalization;
using ClusterChat.Cluster.Tests.Harness.Load;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>A load on a fleet, faults one after the other, and the check at the end.</summary>
internal sealed class FaultRun(Fleet fleet, LoadPlan plan, PauseReport? report = null) : IAsyncDisposable
{
    private readonly ChatLoad _load = new(plan, () => fleet.Gateways);
    private readonly List<string> _violations = [];
    private FaultStage? _stage;

    public PauseReport Report { get; } = report ?? new PauseReport();

    /// <summary>What was broken; complete after <see cref="FinishAsync"/>.</summary>
    public IReadOnlyList<string> Violations => _violations;

    public FaultStage Stage => _stage ??= new FaultStage(fleet, _load, plan.Seed);

    public Task StartAsync() => _load.StartAsync();

    /// <summary>Lets a fault happen, and waits until the cluster is whole again.</summary>
    public async Task DoAsync(string kind)
    {
        await FaultKinds.All[kind](Stage);
        await Stage.CalmAsync();
    }

    /// <summary>Ends the load, and checks all that it saw.</summary>
    public async Task FinishAsync()
    {
        await _load.SettleAsync(fleet.Store.Journal);
        _violations.AddRange((await _load.CheckAsync(fleet.Store.Journal)).Select(v => v.ToString()));
        fleet.Judge();
        _violations.AddRange(fleet.Surprises);
        Report.Add(Stage.Incidents, _load.Recorder, await fleet.Store.Journal.ReadAsync(_load.Rooms));
    }

    /// <summary>The table, and how much there was.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_load.Recorder.Published} messages in {_load.Recorder.Now.TotalSeconds:F0} s, {_load.Skipped} not published, {_load.Recorder.Snapshot().Facts.Count} facts\n{Report.ToMarkdown(_violations.Count)}\n{string.Join('\n', Report.Each)}");

    public ValueTask DisposeAsync() => _load.DisposeAsync();
}
