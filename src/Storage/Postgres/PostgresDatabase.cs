using System.Globalization;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>Connections with the settings that the adapters rely on.</summary>
/// <remarks>
/// The settings travel with the connection's start, so there is no round trip for them and no session without
/// them. The connection string's own <c>Options</c> come first: ours win.
/// </remarks>
internal static class PostgresDatabase
{
    /// <summary>Makes connections of a bounded pool; nothing is connected yet.</summary>
    /// <param name="options">Where, and with which limits.</param>
    /// <param name="pool">Its name in metrics. With several hosts each has a pool, which goes by its connection string without password.</param>
    public static NpgsqlDataSource Create(PostgresStorageOptions options, string pool)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Pooling = true,
            MinPoolSize = 0,
            // One more for the trimmer.
            MaxPoolSize = options.AppendConnections + options.OpenConnections + options.ReadConnections + 1,
            Timeout = Seconds(options.ConnectTimeout),
            // The last resort against a server that is frozen: callers have long been answered.
            CommandTimeout = Seconds(options.OperationTimeout),
            // A late answer to a cancelled commit is no answer: break the connection, the outcome is unknown.
            CancellationTimeout = -1,
            // No statement of ours leaves anything behind in a session, so there is nothing to reset.
            NoResetOnClose = true,
            Multiplexing = false,
            Enlist = false,
            PersistSecurityInfo = false,
            IncludeErrorDetail = false,
            MaxAutoPrepare = 20,
            AutoPrepareMinUsages = 2,
        };
        if (string.IsNullOrEmpty(settings.ApplicationName))
            settings.ApplicationName = "ClusterChat";
        var hasSeveralHosts = settings.Host!.Contains(',', StringComparison.Ordinal);
        if (hasSeveralHosts && string.IsNullOrEmpty(settings.TargetSessionAttributes))
            settings.TargetSessionAttributes = "primary";
        // A socket in the file system has no such option, and refuses to be connected with it.
        if (!settings.Host.StartsWith('/') && !settings.Host.StartsWith('@'))
            (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (true, 10, 2);
        settings.Options = $"{settings.Options} {SessionSettings(options)}".TrimStart();
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);

        // Of several pools with one name a collector would show the last.
        if (!hasSeveralHosts)
            builder.Name = pool;

        // No call of ours opens a connection synchronously.
        if (options.Password is { } password)
            builder.UsePasswordProvider(_ => throw new NotSupportedException(), (_, token) => password(token));
        return builder.Build();
    }

    /// <summary>
    /// With several hosts the driver remembers for ten seconds which of them was away or took no writes, and does not ask it again. After
    /// a failure that is too long: the next attempt is to ask all of them.
    /// </summary>
    public static void ForgetHosts(NpgsqlDataSource source) => (source as NpgsqlMultiHostDataSource)?.ClearDatabaseStates();

    /// <summary>
    /// None of several hosts takes writes now, as in the middle of a fail-over. The driver has no type for that; it has caught all else
    /// that befell it on the way, so an error without a cause is this one.
    /// </summary>
    public static bool IsWithoutPrimary(NpgsqlDataSource source, NpgsqlException error) =>
        source is NpgsqlMultiHostDataSource && error is { InnerException: null } and not PostgresException;

    /// <summary>Names the database for messages, without user and password.</summary>
    public static string Describe(PostgresStorageOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        return string.Create(CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}");
    }

    public static string Milliseconds(TimeSpan time) =>
        Math.Max(1, (long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static string SessionSettings(PostgresStorageOptions options) => string.Join(
        ' ',
        // An ack is as strong as the commit: no role's or database's default may weaken it.
        "-c synchronous_commit=on",
        $"-c statement_timeout={Milliseconds(options.StatementTimeout)}",
        $"-c lock_timeout={Milliseconds(options.LockTimeout)}",
        $"-c idle_in_transaction_session_timeout={Milliseconds(options.OperationTimeout)}",
        // The append's recheck of rows that changed while it waited is READ COMMITTED's.
        "-c default_transaction_isolation=read\\ committed",
        "-c default_transaction_read_only=off",
        // Every statement is a look-up of known keys. A plan made while the tables were empty would scan them, and
        // stay until their first ANALYZE, thousands of times as slow as the index. So: one plan, by index.
        "-c plan_cache_mode=force_generic_plan",
        "-c enable_seqscan=off",
        "-c enable_bitmapscan=off",
        "-c jit=off");

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
}
