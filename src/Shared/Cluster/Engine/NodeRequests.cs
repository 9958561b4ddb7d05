using System.Collections.Concurrent;

namespace ClusterChat.Cluster.Engine;

/// <summary>What this node has asked others, until they answer. At most once each; no answer in time is null.</summary>
internal sealed class NodeRequests(TimeProvider clock)
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<object?>> _asked = [];
    private long _lastRequest;

    /// <summary>Asks something.</summary>
    /// <param name="ask">Sends the question under a number.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<T?> AskAsync<T>(Action<long> ask, TimeSpan timeout, CancellationToken cancellationToken)
        where T : class
    {
        var request = Interlocked.Increment(ref _lastRequest);
        var answer = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[request] = answer;

        // A timer of its own, and not Task.WaitAsync, which would go through the thread pool, and out of a simulation.
        await using var late = clock.CreateTimer(static source => ((TaskCompletionSource<object?>)source!).TrySetResult(null), answer, timeout, Timeout.InfiniteTimeSpan);
        await using var cancelled = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        try
        {
            ask(request);
            return await answer.Task as T;
        }
        finally
        {
            _asked.TryRemove(request, out _);
        }
    }

    /// <summary>An answer has come.</summary>
    public void Answered(long request, object? answer)
    {
        if (_asked.TryRemove(request, out var waiting))
        {
            waiting.TrySetResult(answer);
        }
    }
}
