using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ClusterChat.Cluster.Membership;

/// <summary>
/// The newest view, and a stream of those that follow. One writer; any number of readers, each at its own pace: who is
/// slow misses the views in between, never the newest, and sees no number twice or after a higher one.
/// </summary>
public sealed class ViewStream
{
    private State _state = new(new ClusterView(0, []));

    /// <summary>The newest view; number 0 and without nodes before the first.</summary>
    public ClusterView Current => Volatile.Read(ref _state).View;

    /// <summary>Publishes a view; one that is not newer is dropped. One thread at a time.</summary>
    /// <returns>Whether it was newer.</returns>
    public bool Publish(ClusterView view)
    {
        var old = _state;
        if (view.Number <= old.View.Number)
            return false;
        Volatile.Write(ref _state, new State(view));
        while (old.Waiting.TryDequeue(out var reader))
            reader.TrySetResult();
        return true;
    }

    /// <summary>The views from now on, the present one first if there is one.</summary>
    public async IAsyncEnumerable<ClusterView> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state.View.Number > 0)
                yield return state.View;

            // A source of its own, awaited directly, keeps a reader in its synchronization context: Task.WaitAsync
            // would go through the thread pool, and out of a simulation.
            var replaced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var cancelled = cancellationToken.Register(() => replaced.TrySetCanceled(cancellationToken));
            state.Waiting.Enqueue(replaced);
            if (!ReferenceEquals(Volatile.Read(ref _state), state))
                replaced.TrySetResult();
            await replaced.Task;
        }
    }

    private sealed class State(ClusterView view)
    {
        public ClusterView View => view;

        public ConcurrentQueue<TaskCompletionSource> Waiting { get; } = new();
    }
}
