using ClusterChat.Actors;

namespace ClusterChat.MicroBench;

/// <summary>Runs turns on the benchmark's own thread, in the order in which they were scheduled.</summary>
internal sealed class QueueDispatcher : IDispatcher
{
    private readonly Queue<IRunnable> _ready = [];

    public void Schedule(IRunnable work) => _ready.Enqueue(work);

    public void RunAll()
    {
        while (_ready.TryDequeue(out var work))
        {
            work.Run();
        }
    }
}
