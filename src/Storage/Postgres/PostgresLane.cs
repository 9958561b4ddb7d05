using ClusterChat.RoomActors.Journal;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// Requests of one kind: some run at once, a bounded number waits, further ones are refused at once. Each kind has
/// a lane of its own, so that a rush of opens never makes an append wait.
/// </summary>
/// <remarks>
/// A caller waits for a bounded time. What has begun on a connection runs to its end without it: breaking off would
/// gain nothing, as the outcome must be taken for unknown anyway, and it holds its place, so that
/// a server that hangs is not buried under repeats.
/// </remarks>
internal sealed class PostgresLane(
    NpgsqlDataSource source, PostgresReachability reachability, PostgresStorageOptions options, TimeProvider time, int connections)
{
    private readonly SemaphoreSlim _places = new(connections, connections);
    private int _waiting;
    private volatile bool _closed;

    /// <summary>Runs a request on a connection.</summary>
    /// <exception cref="JournalUnavailableException">It did not begin, or no answer came in time.</exception>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellationToken)
    {
        // Not disposed of: what is left behind may still look at it.
        var abandoned = new CancellationTokenSource();
        var run = ExecuteAsync(use, abandoned.Token);
        try
        {
            return await run.WaitAsync(options.OperationTimeout, time, cancellationToken);
        }
        catch (Exception e) when (!run.IsCompleted && e is TimeoutException or OperationCanceledException)
        {
            await abandoned.CancelAsync();
            // Its outcome interests nobody any more.
            _ = run.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            if (e is TimeoutException)
                throw new JournalUnavailableException($"the journal did not answer within {options.OperationTimeout.TotalSeconds} s", e);
            throw;
        }
    }

    /// <summary>Takes nothing more; ends when all that had begun has ended, or after the operations' time-out.</summary>
    /// <returns>Whether all has ended.</returns>
    public async Task<bool> CloseAsync()
    {
        _closed = true;
        using var limit = new CancellationTokenSource(options.OperationTimeout, time);
        try
        {
            for (var i = 0; i < connections; i++)
                await _places.WaitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<T> ExecuteAsync<T>(Func<NpgsqlConnection, Task<T>> use, CancellationToken abandoned)
    {
        ThrowIfRefused();
        if (!_places.Wait(0, CancellationToken.None))
        {
            try
            {
                if (Interlocked.Increment(ref _waiting) > options.Queued)
                    throw new JournalUnavailableException("the journal's queue is full");
                await _places.WaitAsync(abandoned);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        try
        {
            ThrowIfRefused();
            await using var connection = await ConnectAsync(abandoned);
            return await use(connection);
        }
        finally
        {
            _places.Release();
        }
    }

    private void ThrowIfRefused()
    {
        if ((_closed ? "the journal is closed" : reachability.Refusal) is { } reason)
            throw new JournalUnavailableException(reason);
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken abandoned)
    {
        try
        {
            var connection = await source.OpenConnectionAsync(abandoned);
            reachability.Reached();
            return connection;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            PostgresDatabase.ForgetHosts(source);
            var reason = PostgresFaults.Describe(e);
            reachability.Failed(reason);
            throw new JournalUnavailableException(reason, e);
        }
    }
}
