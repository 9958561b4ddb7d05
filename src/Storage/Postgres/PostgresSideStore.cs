using Microsoft.Extensions.Logging;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// The connections of a store that stands beside the journal: of its own, so that no rush of the one makes the other wait. Callers wait no longer
/// than the operation's time-out; what has no answer by then ends by the server's own limits, and the pool bounds how many there are.
/// </summary>
internal sealed class PostgresSideStore : IAsyncDisposable
{
    private readonly string _what;
    private readonly PostgresStorageOptions _options;
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<string, Exception?, Exception> _unavailable;
    private volatile bool _started;
    private volatile bool _closed;

    /// <param name="what">What the store is to callers, such as "the list of blocks"; for messages.</param>
    /// <param name="pool">The name of its connections in metrics.</param>
    /// <param name="connections">How many of them at most; 2 or more, as one may wait for the server to clear it away.</param>
    /// <param name="options">Which database, and the limits.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">The log.</param>
    /// <param name="unavailable">What callers are told where there is no answer, by its reason.</param>
    public PostgresSideStore(
        string what, string pool, int connections, PostgresStorageOptions options, TimeProvider time, ILogger logger, Func<string, Exception?, Exception> unavailable)
    {
        options.Validate();

        // The pool has one more than these come to.
        _options = options with { AppendConnections = connections - 1, OpenConnections = 0, ReadConnections = 0 };
        _source = PostgresDatabase.Create(_options, pool);
        (_what, _time, _logger, _unavailable) = (what, time, logger, unavailable);
    }

    /// <summary>Waits for the database, and brings its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await PostgresSchema.PrepareAsync(_source, _options, _time, _logger, cancellationToken);
        _started = true;
    }

    /// <summary>Runs something on a connection.</summary>
    public async ValueTask<T> CallAsync<T>(Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellationToken)
    {
        if (!_started)
            throw _unavailable($"{_what} has not been opened", null);
        cancellationToken.ThrowIfCancellationRequested();
        var run = ExecuteAsync(use);
        try
        {
            return await run.WaitAsync(_options.OperationTimeout, _time, cancellationToken);
        }
        catch (Exception e) when (!run.IsCompleted && e is TimeoutException or OperationCanceledException)
        {
            // Its outcome interests nobody any more.
            _ = run.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            throw _unavailable($"{_what} did not answer within {_options.OperationTimeout.TotalSeconds} s", e);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException || (_closed && e is ObjectDisposedException or InvalidOperationException))
        {
            PostgresDatabase.ForgetHosts(_source);
            if (PostgresFaults.IsOutdatedSession(e))
                _source.Clear();
            throw _unavailable(_closed ? $"{_what} is closed" : PostgresFaults.Describe(e), e);
        }
    }

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await _source.DisposeAsync();
    }

    private async Task<T> ExecuteAsync<T>(Func<NpgsqlConnection, Task<T>> use)
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await use(connection);
    }
}
