using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>Which PostgreSQL database the adapters use, and how long they wait for it.</summary>
public sealed record PostgresStorageOptions
{
    /// <summary>
    /// The connection string, in Npgsql's words: <c>Host=..;Database=..;Username=..;Password=..</c>. Several hosts,
    /// separated by commas, are tried for the one that takes writes. The database is ClusterChat's own. Pooling,
    /// time-outs and the session's settings are the adapters'.
    /// </summary>
    public required string ConnectionString { get; init; }

    /// <summary>
    /// Tells the password for each new connection, so that it may change; null for the connection string's own.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Password { get; init; }

    /// <summary>
    /// Whether the database's own fail-over is known to lose no committed transaction (synchronous replication,
    /// or storage that the new server takes over whole). Where it is not, each room begins a new log after a
    /// fail-over or a restored backup, because the numbers of lost events would be given out again.
    /// </summary>
    public bool TrustFailover { get; init; }

    /// <summary>How long a connection may take to be made. Whole seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a statement waits for a row that another node's transaction holds.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the server works on a statement, waiting for locks included. A commit of a thousand events takes
    /// some 50 ms on a slow disk.
    /// </summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a caller waits for its answer, queueing included. Above <see cref="StatementTimeout"/>, so that the
    /// server's own reason is usually the one that is reported.
    /// </summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a start waits for a database that cannot be reached: both may have been started together.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long no connection is tried after one could not be made: requests fail at once meanwhile.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How many batches are committed at once. A node's writer has one under way at a time.</summary>
    public int AppendConnections { get; init; } = 2;

    /// <summary>
    /// How many rooms are opened at once. After a start or a fail-over there are thousands to open; 4 keep a disk
    /// busy, as opens share the server's flushes.
    /// </summary>
    public int OpenConnections { get; init; } = 4;

    /// <summary>How many reads run at once. With the others 10 connections a node; the server's default is 100.</summary>
    public int ReadConnections { get; init; } = 4;

    /// <summary>How many requests of a kind may wait for a connection; beyond it they are refused at once.</summary>
    public int Queued { get; init; } = 4_096;

    /// <summary>What is trimmed in the background; null for nothing.</summary>
    public JournalTrimming? Trimming { get; init; }

    /// <summary>Names the database for messages: host, port and name, without user and password.</summary>
    public string Database => PostgresDatabase.Describe(this);

    /// <summary>How rows of earlier versions that stand for nothing are removed.</summary>
    internal EmptyRoomRules EmptyRooms { get; init; } = new();

    /// <summary>For tests: sees each append before it is sent.</summary>
    internal Func<NpgsqlConnection, Task>? OnAppend { get; init; }

    /// <summary>Checks the ranges and the connection string. No message repeats any of the string's values.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void Validate()
    {
        if (Problem(ConnectionString) is { } problem)
            throw new ArgumentException(problem, nameof(ConnectionString));
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectTimeout, TimeSpan.FromSeconds(1), nameof(ConnectTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LockTimeout, TimeSpan.Zero, nameof(LockTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StatementTimeout, TimeSpan.Zero, nameof(StatementTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(OperationTimeout, TimeSpan.Zero, nameof(OperationTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(StartTimeout, TimeSpan.Zero, nameof(StartTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryAfter, TimeSpan.Zero, nameof(RetryAfter));
        ArgumentOutOfRangeException.ThrowIfLessThan(AppendConnections, 1, nameof(AppendConnections));
        ArgumentOutOfRangeException.ThrowIfLessThan(OpenConnections, 1, nameof(OpenConnections));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadConnections, 1, nameof(ReadConnections));
        ArgumentOutOfRangeException.ThrowIfLessThan(Queued, 1, nameof(Queued));
        Trimming?.Validate();
    }

    /// <summary>What is wrong with a connection string; null if nothing is. It may be shown: it repeats nothing.</summary>
    public static string? Problem(string? connectionString)
    {
        try
        {
            return string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(connectionString).Host)
                ? "must name the server: Host=.."
                : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            // The exception's own message may quote a part of a password with a ';' in it.
            return "is no connection string such as \"Host=db;Database=chat;Username=chat;Password=..\" (a value with ';' in it goes into quotes)";
        }
    }

    /// <summary>A connection string that <see cref="Problem"/> has nothing against, without what nobody is to see.</summary>
    public static string Redact(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (!string.IsNullOrEmpty(settings.Password))
            settings.Password = "***";
        if (!string.IsNullOrEmpty(settings.SslPassword))
            settings.SslPassword = "***";
        return settings.ConnectionString;
    }

    // The password, and all else, stays out of what a record prints of itself.
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append(nameof(TrustFailover)).Append(" = ").Append(TrustFailover);
        return true;
    }
}
