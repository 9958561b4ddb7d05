using ClusterChat.Actors;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.RoomActors.Journal;

/// <summary>
/// The journal as a node's rooms read it: a few reads at once, and the others in turns of their rooms, so that whoever reads in one room, however much, holds
/// up no other. Lists of rooms have a turn among them. Opening and appending go straight through. Thread-safe.
/// </summary>
/// <remarks>
/// What waits is bounded. Where it is too much, the newest read of that room goes for which most are waiting: an overload refuses some reads and not
/// all. The wait is in memory of this node; the store is never given more than a few at once, and can answer them within its time-outs.
/// </remarks>
/// <param name="journal">The journal.</param>
/// <param name="options">How many at once, and how many may wait.</param>
/// <param name="metrics">What is counted.</param>
internal sealed class FairReads(IJournal journal, RoomOptions options, RoomMetrics metrics) : IJournal
{
    // No room has this name.
    private const string Lists = "";

    private readonly Lock _gate = new();
    private readonly FairQueue<TaskCompletionSource> _queue = new(options.MaxWaitingReads);
    private int _underWay;

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

    /// <inheritdoc/>
    public ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
        => journal.OpenAsync(room, view, tail, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AppendResult>> AppendAsync(IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
        => journal.AppendAsync(batch, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ReadsFullException">Too many reads wait.</exception>
    public async ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
    {
        await EnterAsync(room);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var events = await journal.ReadAsync(room, range, cancellationToken);
            metrics.Read(events);
            return events;
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ReadsFullException">Too many reads wait.</exception>
    public async ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        await EnterAsync(Lists);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await journal.ListRoomsAsync(prefix, after, limit, cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    private Task EnterAsync(string key)
    {
        TaskCompletionSource turn;
        TaskCompletionSource? refused;
        lock (_gate)
        {
            if (_underWay < options.ReadsAtOnce)
            {
                _underWay++;
                return Task.CompletedTask;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            refused = _queue.Add(key, turn);
        }

        if (refused is not null)
        {
            metrics.ReadRefused();
            refused.SetException(new ReadsFullException());
        }

        return turn.Task;
    }

    /// <summary>Gives the place to the next one. Who gave up meanwhile notices when its turn has come.</summary>
    private void Leave()
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            if (!_queue.TryTake(out next))
            {
                _underWay--;
            }
        }

        next?.SetResult();
    }
}
