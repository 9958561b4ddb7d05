namespace ClusterChat.Siege.Attacks;

/// <summary>No attack: what the honest clients feel on this machine when there is peace.</summary>
internal sealed class Nothing : Attack
{
    public override string Name => "nothing";

    public override string Title => "no attack";

    public override bool IsHonest => true;

    public override async Task RunAsync(AttackField field, CancellationToken stop)
        => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
