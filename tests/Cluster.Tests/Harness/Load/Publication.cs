namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <summary>A message from the moment at which its author wanted it sent.</summary>
/// <param name="client">Its author.</param>
/// <param name="room">Where.</param>
/// <param name="mid">Its id.</param>
/// <param name="at">When.</param>
internal sealed class Publication(string client, string room, string mid, TimeSpan at)
{
    private long _ackedAt = -1;

    public string Client { get; } = client;

    public string Room { get; } = room;

    public string Mid { get; } = mid;

    public TimeSpan At { get; } = at;

    /// <summary>When its author had the first ack, over all resends; null before.</summary>
    public TimeSpan? AckedAt => Interlocked.Read(ref _ackedAt) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    public void Acknowledge(TimeSpan now) => Interlocked.CompareExchange(ref _ackedAt, now.Ticks, -1);
}
