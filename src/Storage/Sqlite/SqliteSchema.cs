using System.Globalization;
using System.Reflection;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// Brings a database file to the newest schema: the numbered files under <c>Schema/{database}</c>, of which
/// <c>PRAGMA user_version</c> counts those that were applied. Files only ever get added.
/// </summary>
internal static class SqliteSchema
{
    private const int WalAttempts = 500;

    /// <summary>
    /// Creates the file if need be, switches it to the write-ahead log and applies what is missing. Several
    /// processes may do so at once: the check and the change are one write transaction.
    /// </summary>
    /// <returns>The path of the file.</returns>
    /// <exception cref="StorageStartException">The file cannot be used; the message says why.</exception>
    public static string Prepare(SqliteStorageOptions options, string database, string file)
    {
        var path = SqliteFiles.Ensure(options.Folder, file);
        try
        {
            using var session = SqliteSession.Open(path, options.BusyTimeout);
            SwitchToWal(session);
            Apply(session, database);
            return path;
        }
        catch (SqliteFault e)
        {
            throw new StorageStartException($"Cannot use the database file {path}: {e.Message}.", e);
        }
    }

    private static void SwitchToWal(SqliteSession session)
    {
        // Two processes that switch a new file at once get "busy" at once, without SQLite's own waiting.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                session.Execute("PRAGMA journal_mode = WAL");
                return;
            }
            catch (SqliteFault e) when (e.IsBusy && attempt < WalAttempts)
            {
                Thread.Sleep(1);
            }
        }
    }

    private static void Apply(SqliteSession session, string database)
    {
        var files = Files(database);
        session.Begin();
        try
        {
            var version = session.Scalar("PRAGMA user_version");
            if (version > files.Count)
            {
                throw new StorageStartException(
                    $"The database file {session.Path} has schema version {version}, this program knows up to {files.Count}. "
                    + "It was used by a newer version; start that one, or restore a copy from before the upgrade.");
            }

            for (var next = (int)version; next < files.Count; next++)
                session.Execute(files[next]);
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {files.Count}"));
            session.Commit();
        }
        finally
        {
            session.Rollback();
        }
    }

    private static List<string> Files(string database)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"Sqlite/{database}/";
        var files = new List<string>();
        foreach (var name in assembly.GetManifestResourceNames()
                     .Select(n => n.Replace('\\', '/'))
                     .Where(n => n.StartsWith(prefix, StringComparison.Ordinal))
                     .Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"No resource {name}.");
            using var reader = new StreamReader(stream);
            files.Add(reader.ReadToEnd());
        }

        return files.Count > 0 ? files : throw new InvalidOperationException($"No schema for {database}.");
    }
}
