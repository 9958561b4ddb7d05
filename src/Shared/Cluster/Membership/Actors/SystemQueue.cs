namespace ClusterChat.Cluster.Membership.Actors;

internal enum SystemSignal
{
    Start,
    Stop,
    Resume,
    ChildStopped,
}

/// <param name="signal">What happened.</param>
/// <param name="child">Of <see cref="SystemSignal.ChildStopped"/>.</param>
/// <param name="incarnation">Of <see cref="SystemSignal.Resume"/>: the restart that it belongs to.</param>
internal sealed class SystemMessage(SystemSignal signal, IActorCell? child = null, int incarnation = 0)
{
    public SystemSignal Signal { get; } = signal;

    public IActorCell? Child { get; } = child;

    public int Incarnation { get; } = incarnation;

    public SystemMessage? Next { get; set; }
}

/// <summary>
/// Many producers, one consumer. A linked stack that the consumer takes whole and reverses: an actor sees a handful of system
/// messages in its life, so an empty queue costs one field. No ABA: the consumer only ever swaps in null.
/// </summary>
internal struct SystemQueue
{
    private SystemMessage? _newest;

    public readonly bool IsEmpty => Volatile.Read(in _newest) is null;

    public void Push(SystemMessage message)
    {
        SystemMessage? seen;
        do
        {
            seen = Volatile.Read(ref _newest);
            message.Next = seen;
        }
        while (Interlocked.CompareExchange(ref _newest, message, seen) != seen);
    }

    /// <returns>All waiting messages, linked from the oldest to the newest, or null.</returns>
    public SystemMessage? TakeAll()
    {
        var rest = Interlocked.Exchange(ref _newest, null);
        SystemMessage? oldest = null;
        while (rest is not null)
        {
            (rest.Next, oldest, rest) = (oldest, rest, rest.Next);
        }
        return oldest;
    }
}
