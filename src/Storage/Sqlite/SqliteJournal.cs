using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// The journal in one SQLite file, <c>journal.db</c>, which several processes of one machine may share.
/// </summary>
/// <remarks>
/// SQLite is synchronous, so no call of it runs on the thread pool: one thread writes
/// (<see cref="SqliteJournalWriter"/>), a few read (<see cref="SqliteJournalReaders"/>), and callers await the
/// answer for a bounded time. A request whose caller gave up is skipped if its turn has not come; if it has, it
/// runs to its end, and the next open of the room comes behind it in the queue.
/// </remarks>
public sealed partial class SqliteJournal : IJournal, IRoomDeletion, IAsyncDisposable
{
    internal const string FileName = "journal.db";

    private const string NotStarted = "the journal has not been started";

    private readonly SqliteStorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SqliteJournalWriter _writer;
    private readonly SqliteJournalReaders _readers;
    private readonly SqliteCheckpointer _checkpointer;
    private readonly JournalTrimmer? _trimmer;
    private readonly EmptyRoomRemoval _removal;
    private bool _started;
    private volatile bool _ready;

    /// <summary>Makes a journal that answers as unavailable until it was started.</summary>
    /// <param name="options">Where the file is, and the limits.</param>
    /// <param name="time">The clock of the time-outs and the metrics.</param>
    /// <param name="logger">Null for none.</param>
    /// <param name="meters">Where the meter <c>ClusterChat.Journal</c> is made; null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SqliteJournal(
        SqliteStorageOptions options, TimeProvider time, ILogger<SqliteJournal>? logger = null, IMeterFactory? meters = null)
    {
        options.Validate();
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<SqliteJournal>.Instance;
        _checkpointer = new SqliteCheckpointer(options, _logger);
        _writer = new SqliteJournalWriter(options, time, _logger, new JournalMetrics(meters), _checkpointer);
        _readers = new SqliteJournalReaders(options, _logger);
        _trimmer = options.Trimming is { } trimming ? SqliteTrimmedRooms.Trimmer(this, trimming, time, _logger) : null;
        _removal = new EmptyRoomRemoval(RemoveEmptyAsync, options.EmptyRooms, time, _logger);
    }

    /// <summary>Opens the database, creating it or bringing its schema up to date where needed. Call it once.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _started = true;
        var path = await _writer.StartAsync().WaitAsync(cancellationToken);
        _readers.Start(path);
        _checkpointer.Start(path);
        _ready = true;
        _trimmer?.Start();
        _removal.Start();
        LogStarted(path);
    }

    /// <inheritdoc />
    public async ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
    {
        ThrowUnlessText(room);
        var work = new OpenWork(room, view, tail);
        if (Refuse(work) is { } refusal)
            throw new JournalUnavailableException(refusal);
        return await AnswerAsync(work.Answer, work.Abandon, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<long?> DeleteAsync(string room, CancellationToken cancellationToken)
    {
        ThrowUnlessText(room);
        var work = new DeleteWork(room);
        if (Refuse(work) is { } refusal)
            throw new JournalUnavailableException(refusal);
        return await AnswerAsync(work.Answer, work.Abandon, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<AppendResult>> AppendAsync(
        IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            return [];
        var work = new AppendWork(batch);
        if (Refuse(work) is { } refusal)
            return AppendWork.AllUnknown(batch.Count, refusal);
        try
        {
            return await work.Answer.WaitAsync(_options.OperationTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            work.Abandon();
            return AppendWork.AllUnknown(batch.Count, TimedOut());
        }
        catch (OperationCanceledException)
        {
            work.Abandon();
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
    {
        ThrowUnlessText(room);
        return QueryAsync(reader => reader.Read(room, range), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(
        string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        ThrowUnlessText(prefix);
        ThrowUnlessText(after);
        return QueryAsync(reader => reader.ListRooms(prefix, after, limit), cancellationToken);
    }

    /// <summary>Measures the space that is left. To be called after <see cref="StartAsync"/>.</summary>
    /// <param name="withSize">Whether the size of the database is wanted, too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database did not answer in time.</exception>
    /// <exception cref="IOException">The disk cannot be asked.</exception>
    public async ValueTask<SpaceReading> MeasureAsync(bool withSize, CancellationToken cancellationToken)
    {
        var free = new DriveInfo(Path.GetFullPath(_options.Folder)).AvailableFreeSpace;
        return new SpaceReading(free, withSize ? await QueryAsync(reader => reader.Size(), cancellationToken) : null);
    }

    /// <summary>Finishes what is queued, moves the write-ahead log into the database and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_started)
            return;
        if (_trimmer is not null)
            await _trimmer.DisposeAsync();
        await _removal.DisposeAsync();
        try
        {
            // The writer last: its checkpoint can then empty the log.
            await _checkpointer.StopAsync().WaitAsync(_options.CloseTimeout, _time);
            await _readers.StopAsync().WaitAsync(_options.CloseTimeout, _time);
            await _writer.StopAsync().WaitAsync(_options.CloseTimeout, _time);
            LogStopped();
        }
        catch (TimeoutException e)
        {
            LogStopTimedOut(_options.CloseTimeout, e);
        }
    }

    /// <summary>What trimming has to know.</summary>
    internal ValueTask<IReadOnlyList<TrimmedRoom>> TrimmedRoomsAsync(long after, int limit, CancellationToken cancellationToken)
        => QueryAsync(reader => reader.TrimmedRooms(after, limit), cancellationToken);

    /// <inheritdoc cref="TrimmedRoomsAsync"/>
    internal ValueTask<IReadOnlyList<int>> LineBytesAsync(TrimmedRoom room, CancellationToken cancellationToken)
        => QueryAsync(reader => reader.LineBytes(room), cancellationToken);

    /// <summary>Deletes some of a room's oldest events.</summary>
    /// <returns>How many went.</returns>
    internal async ValueTask<int> TrimAsync(long room, TrimBounds bounds, int most, CancellationToken cancellationToken)
    {
        var work = new TrimWork(room, bounds, most);
        if (Refuse(work) is { } refusal)
            throw new JournalUnavailableException(refusal);
        return await AnswerAsync(work.Answer, work.Abandon, cancellationToken);
    }

    private async ValueTask<long?> RemoveEmptyAsync(long after, int count, CancellationToken cancellationToken)
    {
        var work = new RemoveEmptyWork(after, count);
        if (Refuse(work) is { } refusal)
            throw new JournalUnavailableException(refusal);
        return await AnswerAsync(work.Answer, work.Abandon, cancellationToken);
    }

    private async ValueTask<T> QueryAsync<T>(Func<JournalReader, T> read, CancellationToken cancellationToken)
    {
        var work = new ReadWork<T>(read);
        if ((_ready ? _readers.TryAdd(work) : NotStarted) is { } refusal)
            throw new JournalUnavailableException(refusal);
        return await AnswerAsync(work.Answer, work.Abandon, cancellationToken);
    }

    /// <summary>Waits for an answer as long as callers may wait; who waits no longer gives the request up.</summary>
    private async ValueTask<T> AnswerAsync<T>(Task<Outcome<T>> answer, Action abandon, CancellationToken cancellationToken)
    {
        try
        {
            return (await answer.WaitAsync(_options.OperationTimeout, _time, cancellationToken)).ValueOrThrow();
        }
        catch (TimeoutException e)
        {
            abandon();
            throw new JournalUnavailableException(TimedOut(), e);
        }
        catch (OperationCanceledException)
        {
            abandon();
            throw;
        }
    }

    private static void ThrowUnlessText(string name, [CallerArgumentExpression(nameof(name))] string? parameter = null)
    {
        if (!EntryRules.IsText(name))
            throw new ArgumentException("A name cannot have a NUL or a lone surrogate.", parameter);
    }

    private string? Refuse(JournalWork work) => _ready ? _writer.TryAdd(work) : NotStarted;

    private string TimedOut() => $"the journal did not answer within {_options.OperationTimeout.TotalSeconds} s";
}
