using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// The journal in a PostgreSQL database, which all nodes of a cluster share. What keeps it right is in the
/// statements: see <see cref="JournalStatements"/>.
/// </summary>
/// <remarks>
/// A database that is away makes appends <see cref="AppendStatus.Unknown"/> and all else unavailable, at once; when
/// it is back, the next request finds it. An append whose answer did not come is unknown too, and the next open
/// settles it: it takes the room's row after that append, or fences it.
/// </remarks>
public sealed partial class PostgresJournal : IJournal, IRoomDeletion, IAsyncDisposable
{
    private readonly PostgresStorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JournalMetrics _metrics;
    private readonly NpgsqlDataSource _source;
    private readonly JournalStatements _statements;
    private readonly PostgresAppender _appender;
    private readonly PostgresLane _appends;
    private readonly PostgresLane _opens;
    private readonly PostgresLane _reads;
    private readonly JournalTrimmer? _trimmer;
    private readonly EmptyRoomRemoval _removal;
    private volatile bool _ready;

    /// <summary>Makes a journal that answers as unavailable until it was started.</summary>
    /// <param name="options">Which database, and the limits.</param>
    /// <param name="time">The clock of the time-outs and the metrics.</param>
    /// <param name="logger">Null for none.</param>
    /// <param name="meters">Where the meter <c>ClusterChat.Journal</c> is made; null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PostgresJournal(
        PostgresStorageOptions options, TimeProvider time, ILogger<PostgresJournal>? logger = null, IMeterFactory? meters = null)
    {
        options.Validate();
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<PostgresJournal>.Instance;
        _metrics = new JournalMetrics(meters);
        _source = PostgresDatabase.Create(options, "journal");
        _statements = new JournalStatements(options.TrustFailover);
        _appender = new PostgresAppender(_statements, options, time, _logger);
        var reachability = new PostgresReachability(options, time, _logger);
        _appends = new PostgresLane(_source, reachability, options, time, options.AppendConnections);
        _opens = new PostgresLane(_source, reachability, options, time, options.OpenConnections);
        _reads = new PostgresLane(_source, reachability, options, time, options.ReadConnections);
        _removal = new EmptyRoomRemoval(RemoveEmptyAsync, options.EmptyRooms, time, _logger);
        _trimmer = options.Trimming is { } trimming ? PostgresTrimmedRooms.Trimmer(_source, trimming, time, _logger) : null;
    }

    /// <summary>Connects and brings the schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await PostgresSchema.PrepareAsync(_source, _options, _time, _logger, cancellationToken);
        _ready = true;
        _trimmer?.Start();
        _removal.Start();
        var database = _options.Database;
        LogStarted(database);
    }

    /// <inheritdoc />
    public async ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
    {
        ThrowUnlessText(room);
        return await RunAsync(_opens, connection => OpenAsync(connection, room, view, tail), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<long?> DeleteAsync(string room, CancellationToken cancellationToken)
    {
        ThrowUnlessText(room);
        return await RunAsync(_opens, connection => DeleteAsync(connection, room), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<AppendResult>> AppendAsync(
        IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
    {
        var results = new AppendResult[batch.Count];
        var places = new List<int>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            if (EntryRules.Violation(batch[i]) is { } violation)
                results[i] = new AppendResult(AppendStatus.Rejected, [], violation);
            else
                places.Add(i);
        }

        if (places.Count == 0)
            return results;
        try
        {
            // The results are those of the run, not of the caller: one that gave up must not see them change.
            var settled = await RunAsync(_appends, connection => AppendAsync(connection, batch, places), cancellationToken);
            foreach (var place in places)
                results[place] = settled[place];
        }
        catch (JournalUnavailableException e)
        {
            var unknown = AppendResult.Unknown(e.Message);
            foreach (var place in places)
                results[place] = unknown;
        }

        return results;
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
    {
        ThrowUnlessText(room);
        return await RunAsync(_reads, connection => ReadAsync(connection, room, range), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(
        string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        ThrowUnlessText(prefix);
        ThrowUnlessText(after);
        return await RunAsync(_reads, connection => ListRoomsAsync(connection, prefix, after, limit), cancellationToken);
    }

    /// <summary>
    /// Measures the database: the server adds up the sizes of its files, some hundred of them. What is left on the server's disk cannot be asked.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The server did not answer in time.</exception>
    public async ValueTask<SpaceReading> MeasureAsync(CancellationToken cancellationToken)
        => new(null, await RunAsync(_reads, SizeAsync, cancellationToken));

    /// <summary>Waits for what is under way, for a bounded time, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_trimmer is not null)
            await _trimmer.DisposeAsync();
        await _removal.DisposeAsync();
        var ended = await Task.WhenAll(_appends.CloseAsync(), _opens.CloseAsync(), _reads.CloseAsync());
        await _source.DisposeAsync();
        if (!ended.All(all => all))
            LogStopTimedOut(_options.OperationTimeout);
        else if (_ready)
            LogStopped();
    }

    private static void ThrowUnlessText(string name, [CallerArgumentExpression(nameof(name))] string? parameter = null)
    {
        if (!EntryRules.IsText(name))
            throw new ArgumentException("A name cannot have a NUL or a lone surrogate.", parameter);
    }

    private async Task<T> RunAsync<T>(PostgresLane lane, Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellationToken)
    {
        if (!_ready)
            throw new JournalUnavailableException("the journal has not been started");
        try
        {
            return await lane.RunAsync(use, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            if (PostgresFaults.IsOutdatedSession(e))
                _source.Clear();
            throw new JournalUnavailableException(PostgresFaults.Describe(e), e);
        }
    }

    private async Task<OpenedRoom?> OpenAsync(NpgsqlConnection connection, string room, long view, int tail)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(_statements.OpenUnborn) { Parameters = { Value(room), Value(view), Value(LogNames.New()), Value(UnbornRooms.SlotOf(room)) } },
                new NpgsqlBatchCommand(_statements.Open) { Parameters = { Value(room), Value(view), Value(LogNames.New()) } },
                new NpgsqlBatchCommand(_statements.Tail) { Parameters = { Value(room), Value((long)Math.Max(tail, 0)) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync();
        var events = new List<StoredEvent>();
        var opened = await reader.ReadAsync() ? new OpenedRoom(reader.GetInt64(1), reader.GetString(0), 0, 1, events) : null;
        await reader.NextResultAsync();
        if (await reader.ReadAsync())
            opened = new OpenedRoom(reader.GetInt64(1), reader.GetString(0), reader.GetInt64(2), reader.GetInt64(3), events);
        await reader.NextResultAsync();
        while (opened is not null && await reader.ReadAsync())
            events.Add(EventRow.Read(reader));

        // To the very end: a failure of the commit itself comes after the last row.
        while (await reader.NextResultAsync())
        {
        }

        return opened;
    }

    private static async Task<long?> DeleteAsync(NpgsqlConnection connection, string room)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(JournalStatements.Renew) { Parameters = { Value(room), Value(LogNames.New()) } },
                new NpgsqlBatchCommand(JournalStatements.Empty) { Parameters = { Value(room) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync();
        long? epoch = await reader.ReadAsync() ? reader.GetInt64(0) : null;
        while (await reader.NextResultAsync())
        {
        }

        return epoch;
    }

    private async Task<AppendResult[]> AppendAsync(NpgsqlConnection connection, IReadOnlyList<AppendEntry> batch, List<int> places)
    {
        var started = _time.GetTimestamp();
        var results = new AppendResult[batch.Count];
        await _appender.AppendAsync(connection, batch, places.ToArray(), results);
        _metrics.Committed(
            places.Sum(place => batch[place].Events.Count),
            places.Count(place => results[place].Status == AppendStatus.Fenced),
            _time.GetElapsedTime(started));
        return results;
    }

    private async Task<IReadOnlyList<StoredEvent>> ReadAsync(NpgsqlConnection connection, string room, ReadRange range)
    {
        await using var command = new NpgsqlCommand(range.Newest ? _statements.Newest : _statements.Oldest, connection)
        {
            Parameters = { Value(room), Value(range.After), Value(range.Before), Value((long)Math.Max(range.Limit, 0)), Value((long)range.Bytes) },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var events = new List<StoredEvent>();
        while (await reader.ReadAsync())
            events.Add(EventRow.Read(reader));
        if (range.Newest)
            events.Reverse();
        return events;
    }

    private async Task<IReadOnlyList<StoredRoom>> ListRoomsAsync(NpgsqlConnection connection, string prefix, string after, int limit)
    {
        var bound = NamePrefix.UpperBound(prefix);
        await using var command = new NpgsqlCommand(bound is null ? _statements.Rooms : _statements.RoomsBelow, connection)
        {
            Parameters = { Value(prefix), Value(after), Value((long)Math.Max(limit, 0)) },
        };
        if (bound is not null)
            command.Parameters.Add(Value(bound));
        await using var reader = await command.ExecuteReaderAsync();
        var rooms = new List<StoredRoom>();
        while (await reader.ReadAsync())
            rooms.Add(new StoredRoom(reader.GetString(0), reader.GetInt64(1)));
        return rooms;
    }

    private static async Task<long> SizeAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(JournalStatements.Size, connection);
        return (long)(await command.ExecuteScalarAsync() ?? 0L);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
