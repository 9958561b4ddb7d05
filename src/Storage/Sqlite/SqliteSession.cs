using System.Runtime.InteropServices;
using ClusterChat.Storage.Sqlite.Vfs;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClusterChat.Storage.Sqlite;

/// <summary>One connection of one thread to one database file, with its prepared statements.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int FcntlHasMoved = 20;

    // SQLite's lock knows no queue: a busy writer takes it again microseconds after it gave it back. Who had to
    // wait lately is not alone, and leaves the others a millisecond, in which each of them asks once.
    private const int CourtesiesAfterWait = 64;

    private readonly SqliteConnection _connection;
    private readonly List<SqliteStatement> _statements = [];
    private readonly int _beginAttempts;
    private int _courtesies;
    private SqliteStatement? _begin;
    private SqliteStatement? _commit;
    private SqliteStatement? _rollback;
    private CommitBuffer? _gathered;

    private SqliteSession(SqliteConnection connection, string path, TimeSpan busyTimeout)
    {
        _connection = connection;
        Path = path;
        _beginAttempts = 1 + (int)Math.Min(busyTimeout.TotalMilliseconds, int.MaxValue - 1);
    }

    public string Path { get; }

    public SqliteConnection Connection => _connection;

    private sqlite3 Handle => _connection.Handle ?? throw new ObjectDisposedException(nameof(SqliteSession));

    /// <summary>
    /// Opens an existing file; creating it is the business of <see cref="SqliteFiles"/>, once, at the start. A
    /// database that vanishes later must not come back as an empty one by itself.
    /// </summary>
    /// <exception cref="SqliteFault">The file cannot be opened or is no database.</exception>
    public static SqliteSession Open(string path, TimeSpan busyTimeout)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            Vfs = LogVfs.Name,
            // Whole seconds; it bounds the provider's own retries, on top of SQLite's.
            DefaultTimeout = 1,
        }.ToString();
        var connection = new SqliteConnection(text);
        try
        {
            connection.Open();
            var session = new SqliteSession(connection, path, busyTimeout);
            var handle = session.Handle;
            _ = raw.sqlite3_extended_result_codes(handle, 1);
            _ = raw.sqlite3_busy_timeout(handle, (int)Math.Min(busyTimeout.TotalMilliseconds, int.MaxValue));
            // temp_store: savepoints keep their undo pages in memory instead of in a temporary file.
            // wal_autocheckpoint: 256 MB of log, should SqliteCheckpointer fail; it copies far earlier.
            // journal_size_limit: a log keeps the size it had, up to 64 MB, twice that at which it starts over.
            // fullfsync: on macOS a plain fsync leaves the data in the drive's cache. Elsewhere it does nothing.
            session.Execute("""
                PRAGMA synchronous = FULL;
                PRAGMA fullfsync = ON;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -16384;
                PRAGMA wal_autocheckpoint = 65536;
                PRAGMA journal_size_limit = 67108864;
                """);
            return session;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw SqliteFault.From(e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A prepared statement that lives as long as the session.</summary>
    public SqliteStatement Prepare(string sql)
    {
        var statement = new SqliteStatement(Handle, sql);
        _statements.Add(statement);
        return statement;
    }

    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(Handle, sql);
        if (code != raw.SQLITE_OK)
            throw SqliteFault.From(Handle, code);
    }

    /// <summary>Copies the write-ahead log into the database, as far as readers let it, or so that the log can start over.</summary>
    /// <returns>How many pages the log has, and whether all was done.</returns>
    public (long Pages, bool Done) Checkpoint(string mode)
    {
        using var statement = new SqliteStatement(Handle, $"PRAGMA wal_checkpoint({mode})");
        return statement.Step() ? (statement.Int64(1), statement.Int64(0) == 0) : (0, true);
    }

    public long Scalar(string sql)
    {
        using var statement = new SqliteStatement(Handle, sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>
    /// Begins a write transaction, waiting for other writers. SQLite's own waiting backs off to 100 ms; next to
    /// a busy writer that commits every few milliseconds, that is a long line. This thread has nothing else to
    /// do, so it asks every millisecond.
    /// </summary>
    /// <exception cref="SqliteFault">Busy for longer than the session's time-out, or out of order.</exception>
    public void Begin()
    {
        _begin ??= Prepare("BEGIN IMMEDIATE");
        var handle = Handle;
        _ = raw.sqlite3_busy_timeout(handle, 0);
        if (_courtesies > 0)
        {
            _courtesies--;
            Thread.Sleep(1);
        }

        for (var attempt = 1; ; attempt++)
        {
            var code = _begin.TryRun();
            if (code == raw.SQLITE_DONE)
            {
                if (attempt > 1)
                    _courtesies = CourtesiesAfterWait;
                return;
            }

            if ((code & 0xFF) != raw.SQLITE_BUSY || attempt >= _beginAttempts)
                throw SqliteFault.From(handle, code);
            Thread.Sleep(1);
        }
    }

    /// <summary>Commits; on return, the transaction is on the disk.</summary>
    /// <exception cref="SqliteFault">Whether the transaction is durable cannot be told.</exception>
    public void Commit()
    {
        _commit ??= Prepare("COMMIT");
        _gathered?.Begin();
        try
        {
            _commit.Run();
        }
        finally
        {
            CommitBuffer.End();
        }
    }

    /// <summary>From now on, commits go to the log in one write. Only for sessions whose every commit is flushed: <see cref="CommitBuffer"/>.</summary>
    public void GatherCommits()
    {
        const int full = 2;
        if (LogVfs.Name is not null && Scalar("PRAGMA synchronous") == full)
            _gathered = new CommitBuffer();
    }

    /// <summary>Ends an open transaction without effect; does nothing where SQLite ended it by itself.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(Handle) == 0)
            _ = (_rollback ??= Prepare("ROLLBACK")).TryRun();
    }

    /// <summary>
    /// A database file that was deleted or replaced stays usable through the open handle, and what is committed
    /// there is lost with the process. So each transaction looks before it is answered for.
    /// </summary>
    /// <exception cref="SqliteFault">The path names another file now, or none.</exception>
    public void ThrowIfMoved()
    {
        if (FileControl(Handle, 0, FcntlHasMoved, out var moved) == raw.SQLITE_OK && moved != 0)
            throw new SqliteFault(SqliteFault.FileMoved, $"the database file {Path} was moved, deleted or replaced while it was open");
    }

    /// <summary>Closes the connection, whatever state it is in.</summary>
    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        try
        {
            _connection.Dispose();
        }
        catch (SqliteException)
        {
            // It is dropped because it is broken; why, was reported when it broke.
        }
    }

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control", CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int FileControl(sqlite3 db, nint database, int operation, out int value);
}
