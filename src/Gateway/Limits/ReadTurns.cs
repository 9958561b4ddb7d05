using ClusterChat.Actors;
using ClusterChat.Gateway.Connections;

namespace ClusterChat.Gateway.Limits;

/// <summary>
/// The reads over HTTP of all who do not say who they are. They share a budget, so that they leave something to those who chat; within it each address has its
/// turn, so that one that reads without end does not take it from the others. Thread-safe.
/// </summary>
internal sealed class ReadTurns : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ReadShare _share;
    private readonly FairQueue<TaskCompletionSource<bool>> _queue;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience;
    private readonly ITimer _timer;

    public ReadTurns(GatewayOptions options, TimeProvider clock)
    {
        (_clock, _patience) = (clock, options.RequestTimeout);
        _share = new ReadShare(options.AnonymousReadBytesPerSecond, options.AnonymousReadBurstBytes, options.AnonymousReadsAtOnce);
        _queue = new FairQueue<TaskCompletionSource<bool>>(options.AnonymousReadsWaiting);
        _timer = clock.CreateTimer(static self => ((ReadTurns)self!).Pump(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    private long Now => (long)_clock.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Waits for a turn.</summary>
    /// <param name="address">Whose.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False: too many wait, or it took too long. Otherwise <see cref="Leave"/> has to follow.</returns>
    public async ValueTask<bool> TryEnterAsync(string address, CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> turn;
        lock (_gate)
        {
            if (_queue.Count == 0 && _share.Begin(Now) == 0)
            {
                return true;
            }

            turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _queue.Add(address, turn)?.TrySetResult(false);
        }

        Pump();
        await using var late = _clock.CreateTimer(static turn => ((TaskCompletionSource<bool>)turn!).TrySetResult(false), turn, _patience, Timeout.InfiniteTimeSpan);
        await using var gone = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        var entered = false;
        try
        {
            return entered = await turn.Task;
        }
        finally
        {
            if (!entered)
            {
                lock (_gate)
                {
                    _queue.RemoveAll(t => t == turn);
                }
            }
        }
    }

    /// <summary>So many bytes were read.</summary>
    public void Charge(long bytes) => _share.Charge(Now, bytes);

    /// <summary>A read is over.</summary>
    public void Leave()
    {
        _share.End(Now);
        Pump();
    }

    public void Dispose() => _timer.Dispose();

    private void Pump()
    {
        lock (_gate)
        {
            while (_queue.Count > 0)
            {
                if (_share.Begin(Now) is > 0 and var retryMs)
                {
                    _timer.Change(TimeSpan.FromMilliseconds(retryMs), Timeout.InfiniteTimeSpan);
                    return;
                }

                // Who has waited too long meanwhile needs no place.
                if (!_queue.TryTake(out var next) || !next.TrySetResult(true))
                {
                    _share.End(Now);
                }
            }
        }
    }
}
