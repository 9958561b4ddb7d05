namespace ClusterChat.Actors;

/// <summary>Runs turns on the .NET thread pool.</summary>
public sealed class ThreadPoolDispatcher : IDispatcher
{
    public static ThreadPoolDispatcher Instance { get; } = new();

    // Not preferLocal: a thread's local queue is last in, first out, and an actor that used up its quota would be next again.
    public void Schedule(IRunnable work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
}
