namespace ClusterChat.Gateway.Sockets;

/// <summary>The clients' sockets that are open, and a place to wait where there are too many. One accepts at a time.</summary>
/// <param name="most">How many there may be.</param>
internal sealed class SocketCount(int most)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiting;
    private int _count;

    /// <summary>Whether no other one may be opened now.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                return _count >= most;
            }
        }
    }

    /// <summary>One was opened.</summary>
    public void Add()
    {
        lock (_gate)
        {
            _count++;
        }
    }

    /// <summary>One was closed.</summary>
    public void Remove()
    {
        lock (_gate)
        {
            _count--;
            _waiting?.TrySetResult();
            _waiting = null;
        }
    }

    /// <summary>Completes when it is no longer full.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _count < most
                ? Task.CompletedTask
                : (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken);
        }
    }
}
