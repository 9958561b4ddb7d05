using ClusterChat.Siege.Attacks;
using ClusterChat.Siege.Honest;

namespace ClusterChat.Siege.Crowds;

/// <summary>Many honest clients. None of them may be refused or cut.</summary>
internal abstract class Crowd : Attack
{
    public override bool IsHonest => true;

    /// <summary>How long all of them may take until they are in their rooms.</summary>
    protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Who they are.</summary>
    protected abstract HonestPlan Plan(AttackField field);

    public override async Task RunAsync(AttackField field, CancellationToken stop)
    {
        await using var crowd = new HonestCrowd(Plan(field), field.Node);
        try
        {
            crowd.Record.Begin();
            crowd.Start();
            await InAsync(field, crowd, "in their rooms", stop);
            crowd.Talk();
            await LiveAsync(field, crowd, stop);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        Sum(field, crowd);
    }

    /// <summary>What they do besides, once all are in.</summary>
    protected virtual Task LiveAsync(AttackField field, HonestCrowd crowd, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Waits until all are in, and says how long it took.</summary>
    protected async Task InAsync(AttackField field, HonestCrowd crowd, string where, CancellationToken stop)
    {
        var count = Plan(field).Count;
        if (await crowd.AllInAsync(Patience, stop) is { } took)
            field.Note($"{count:N0} {where} after {took.TotalSeconds:F1} s");
        else
            field.Broken.Add(FormattableString.Invariant($"only {crowd.In:N0} of {count:N0} {where} after {Patience.TotalSeconds} s ({crowd.Trouble})"));
    }

    private void Sum(AttackField field, HonestCrowd crowd)
    {
        var count = Plan(field).Count;
        if (crowd.In < count)
            field.Broken.Add(FormattableString.Invariant($"only {crowd.In:N0} of the crowd's {count:N0} were in at the end ({crowd.Trouble})"));
        foreach (var (what, times) in crowd.Record.Cut.All.Concat(crowd.Record.Refused.All))
        {
            field.Heard.Add(what, times);
            field.Broken.Add(FormattableString.Invariant($"the crowd heard {times:N0} × {what}"));
        }

        if (crowd.Acks is { Count: > 0 } acks)
            field.Note($"the crowd's own acks: {acks.ToString()} ms");
    }
}
