namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// A bounded queue between callers that never wait and dedicated threads that block. (A channel would wake its
/// blocked reader by way of the thread pool, which is what the dedicated threads are there to avoid.)
/// </summary>
internal sealed class WorkQueue<T>(int capacity)
{
    // A plain object: the condition variable is its monitor's.
    private readonly object _gate = new();
    private readonly Queue<(T Item, int Weight)> _items = new();
    private int _weight;
    private bool _closed;

    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>
    /// Adds an item unless the queue is full or closed. An empty queue takes any one item, however heavy.
    /// </summary>
    public bool TryAdd(T item, int weight)
    {
        lock (_gate)
        {
            if (_closed || (_items.Count > 0 && _weight + (long)weight > capacity))
                return false;
            _items.Enqueue((item, weight));
            _weight += weight;
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>
    /// Waits for an item, then takes what is there up to a weight. False when the queue is closed and empty.
    /// </summary>
    public bool Take(List<T> items, int weight)
    {
        lock (_gate)
        {
            while (_items.Count == 0)
            {
                if (_closed)
                    return false;
                Monitor.Wait(_gate);
            }

            var taken = 0;
            while (_items.TryPeek(out var next) && (items.Count == 0 || taken + (long)next.Weight <= weight))
            {
                _ = _items.Dequeue();
                taken += next.Weight;
                items.Add(next.Item);
            }

            _weight -= taken;
            return true;
        }
    }

    /// <summary>Takes no more items; the readers get what is queued, then the end.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
