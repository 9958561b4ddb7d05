namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>Lets tests wait until something they can see has come true, without looking again and again.</summary>
internal sealed class Signal
{
    private readonly Lock _gate = new();
    private readonly List<(Func<bool> Condition, TaskCompletionSource Waiter)> _waiters = [];

    /// <summary>Completes as soon as the condition holds at a <see cref="Pulse"/>, or at once.</summary>
    public Task WaitAsync(Func<bool> condition)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            // Under the lock: what becomes true after this look is followed by a pulse that finds the waiter.
            if (condition())
                return Task.CompletedTask;
            _waiters.Add((condition, waiter));
        }

        return waiter.Task;
    }

    /// <summary>Something has changed.</summary>
    public void Pulse()
    {
        lock (_gate)
        {
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                // A look may bring about a change itself, and so a pulse within this one: a process that is asked whether it has ended says so then.
                if (i < _waiters.Count && _waiters[i] is var waiter && waiter.Condition())
                {
                    waiter.Waiter.TrySetResult();
                    _waiters.Remove(waiter);
                }
            }
        }
    }
}
