namespace ClusterChat.Gateway.Sockets;

/// <summary>Lets so many in at once, and of those that wait one of each address after the other: who comes alone does not wait behind a crowd. Thread-safe.</summary>
internal sealed class FairTurns(int atOnce)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<TaskCompletionSource>> _waiting = new(StringComparer.Ordinal);

    // The addresses of those that wait, each once, in the order of their turns.
    private readonly Queue<string> _order = new();
    private int _free = atOnce;

    /// <summary>Waits for a turn, which is to be given back with <see cref="Release"/>.</summary>
    public Task WaitAsync(string address)
    {
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return Task.CompletedTask;
            }

            if (!_waiting.TryGetValue(address, out var others))
            {
                _waiting[address] = others = new Queue<TaskCompletionSource>();
                _order.Enqueue(address);
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            others.Enqueue(turn);
            return turn.Task;
        }
    }

    /// <summary>Gives a turn back.</summary>
    public void Release()
    {
        TaskCompletionSource next;
        lock (_gate)
        {
            if (!_order.TryDequeue(out var address))
            {
                _free++;
                return;
            }

            var waiting = _waiting[address];
            next = waiting.Dequeue();
            if (waiting.Count > 0)
            {
                _order.Enqueue(address);
            }
            else
            {
                _waiting.Remove(address);
            }
        }

        next.SetResult();
    }
}
