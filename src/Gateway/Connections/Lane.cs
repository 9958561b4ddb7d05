using Akka.Dispatch;

namespace ClusterChat.Gateway.Connections;

/// <summary>One of a gateway's <see cref="Lanes"/>: on one thread at a time, and on none while it has nothing to do.</summary>
/// <param name="lanes">What it takes outboxes from.</param>
/// <param name="number">Which it is, from 0.</param>
internal sealed class Lane(Lanes lanes, int number) : IRunnable
{
    /// <summary>Which it is, from 0.</summary>
    public int Number => number;

    /// <summary>What it has done so far.</summary>
    public LaneCounters Counters { get; } = new();

    /// <inheritdoc/>
    void IRunnable.Run() => lanes.Run(this);

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => lanes.Run(this);
}
