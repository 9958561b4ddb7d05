using System.Collections.Concurrent;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>Tasks that run on their own and are waited for at the end. They handle their own failures.</summary>
internal sealed class TaskSet
{
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    public void Run(Func<Task> work)
    {
        var task = Task.Run(work);
        _running.TryAdd(task, true);
        // Attached after it was added, so it never removes too early.
        _ = task.ContinueWith(t => _running.TryRemove(t, out _), TaskScheduler.Default);
    }

    public Task WhenAllAsync() => Task.WhenAll(_running.Keys);
}
