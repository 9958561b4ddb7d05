using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// Brings a database to the newest schema: the numbered files under <c>Schema</c>, of which the table
/// <c>clusterchat_schema</c> counts those that were applied. Files only ever get added.
/// </summary>
/// <remarks>
/// All of it is one transaction behind an advisory lock, so nodes that start at once take turns, the later ones
/// find the work done, and one that dies in the middle leaves nothing half-made. The lock is the database's, so
/// two clusters in two schemas of one database take turns too, which costs them nothing.
/// </remarks>
internal static partial class PostgresSchema
{
    // "ClstChat" in ASCII: nobody else's.
    private const long AdvisoryLock = 0x436C_7374_4368_6174;

    // The oldest that has MATERIALIZED, and is covered by what the statements use.
    private const int OldestServer = 12;

    // Another node's migration of a large table may take its time; it ends with that node at the latest.
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(5);

    /// <summary>Waits for the database if it cannot be reached yet, checks it, and applies what is missing.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why.</exception>
    public static async Task PrepareAsync(
        NpgsqlDataSource source, PostgresStorageOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        long? told = null;
        while (true)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                await CheckServerAsync(connection, options, cancellationToken);
                await ApplyAsync(connection, options, cancellationToken);
                return;
            }
            catch (NpgsqlException e) when (
                (PostgresFaults.IsPassing(e) || PostgresDatabase.IsWithoutPrimary(source, e)) && time.GetElapsedTime(started) < options.StartTimeout)
            {
                PostgresDatabase.ForgetHosts(source);
                if (told is null || time.GetElapsedTime(told.Value) >= TellEvery)
                {
                    told = time.GetTimestamp();
                    LogWaiting(logger, options.Database, PostgresFaults.Describe(e), options.StartTimeout - time.GetElapsedTime(started));
                }

                await Task.Delay(options.RetryAfter, time, cancellationToken);
            }
            catch (NpgsqlException e)
            {
                throw Refused(options, PostgresFaults.Describe(e), e);
            }
        }
    }

    [LoggerMessage(
        EventId = 3030, Level = LogLevel.Warning, Message = "Waiting for the PostgreSQL database {Database}, {Left} more at most: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string database, string reason, TimeSpan left);

    private static StorageStartException Refused(PostgresStorageOptions options, string why, Exception? cause = null) =>
        new($"Cannot use the PostgreSQL database {options.Database}: {why}.", cause);

    private static async Task CheckServerAsync(NpgsqlConnection connection, PostgresStorageOptions options, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw Refused(options, $"the server is PostgreSQL {connection.PostgreSqlVersion}, the oldest that will do is {OldestServer}");
        await using var encoding = new NpgsqlCommand("SHOW server_encoding", connection);
        if (await encoding.ExecuteScalarAsync(cancellationToken) is not "UTF8" and var found)
            throw Refused(options, $"its encoding is {found} instead of UTF8 (createdb --encoding=UTF8 --template=template0)");
        if (options.TrustFailover)
            return;
        try
        {
            await using var timeline = new NpgsqlCommand($"SELECT {JournalStatements.Timeline}", connection);
            await timeline.ExecuteScalarAsync(cancellationToken);
        }
        catch (PostgresException e) when (!PostgresFaults.IsPassing(e))
        {
            throw Refused(
                options,
                $"the server does not tell its timeline, so a lossy fail-over would go unnoticed: {PostgresFaults.Describe(e)}. "
                + "If its fail-over loses no committed transaction, set ClusterChat:Journal:TrustFailover to true",
                e);
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, PostgresStorageOptions options, CancellationToken cancellationToken)
    {
        var files = Files();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(
            $"""
            SET LOCAL statement_timeout = 0;
            SET LOCAL lock_timeout = {PostgresDatabase.Milliseconds(LockTimeout)};
            SET LOCAL idle_in_transaction_session_timeout = 0;
            SELECT pg_advisory_xact_lock({AdvisoryLock.ToString(CultureInfo.InvariantCulture)});
            """);
        if (await ScalarAsync("SELECT to_regclass('clusterchat_schema') IS NOT NULL") is not true)
            await ExecuteAsync("CREATE TABLE clusterchat_schema (version integer NOT NULL); INSERT INTO clusterchat_schema VALUES (0)");
        var version = await ScalarAsync("SELECT version FROM clusterchat_schema") is int stored ? stored : 0;
        if (version > files.Count)
        {
            throw Refused(
                options,
                $"it has schema version {version}, this program knows up to {files.Count}. "
                + "It was used by a newer version; start that one, or restore a copy from before the upgrade");
        }

        if (version == files.Count)
            return;
        for (var next = version; next < files.Count; next++)
            await ExecuteAsync(files[next]);
        await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE clusterchat_schema SET version = {files.Count}"));
        await transaction.CommitAsync(cancellationToken);

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<object?> ScalarAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            return await command.ExecuteScalarAsync(cancellationToken);
        }
    }

    private static List<string> Files()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new List<string>();
        foreach (var name in assembly.GetManifestResourceNames()
                     .Where(n => n.StartsWith("Postgres/", StringComparison.Ordinal))
                     .Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"No resource {name}.");
            using var reader = new StreamReader(stream);
            files.Add(reader.ReadToEnd());
        }

        return files.Count > 0 ? files : throw new InvalidOperationException("No schema for PostgreSQL.");
    }
}
