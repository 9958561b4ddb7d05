using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Sqlite;

namespace ClusterChat.Bench.Durable;

/// <summary>Measures a store without ClusterChat around it: the database, and the journal on it.</summary>
internal static class StoreAlone
{
    public static async Task<(BatchRun Database, BatchRun Journal)> MeasureAsync(Store store, Database? database, TimeSpan warmUp, TimeSpan time)
    {
        var folder = Directory.CreateTempSubdirectory("clusterchat-bench-").FullName;
        try
        {
            return store == Store.Sqlite
                ? (await SqliteAsync(Path.Combine(folder, "raw")), await SqliteJournalAsync(Path.Combine(folder, "journal")))
                : (await PostgresAsync(), await PostgresJournalAsync());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task<BatchRun> SqliteAsync(string data)
        {
            // The journal makes its tables and rooms, and is closed again.
            await using (await OpenSqliteAsync(data))
            {
            }

            await using var batches = new SqliteBatches(Path.Combine(data, "journal.db"));
            return await BatchRun.MeasureAsync(batches, database: null, warmUp, time);
        }

        async Task<BatchRun> SqliteJournalAsync(string data)
        {
            await using var batches = await OpenSqliteAsync(data);
            return await BatchRun.MeasureAsync(batches, database: null, warmUp, time);
        }

        async Task<BatchRun> PostgresAsync()
        {
            var connectionString = await database!.CreateAsync();
            await using (await OpenPostgresAsync(connectionString))
            {
            }

            await using var batches = await PostgresBatches.OpenAsync(connectionString);
            return await BatchRun.MeasureAsync(batches, database, warmUp, time);
        }

        async Task<BatchRun> PostgresJournalAsync()
        {
            await using var batches = await OpenPostgresAsync(await database!.CreateAsync());
            return await BatchRun.MeasureAsync(batches, database, warmUp, time);
        }
    }

    private static async Task<JournalBatches> OpenSqliteAsync(string folder)
    {
        var journal = new SqliteJournal(new SqliteStorageOptions { Folder = folder }, TimeProvider.System);
        await journal.StartAsync(CancellationToken.None);
        return new JournalBatches(journal, await Rows.OpenAsync(journal));
    }

    private static async Task<JournalBatches> OpenPostgresAsync(string connectionString)
    {
        var journal = new PostgresJournal(new PostgresStorageOptions { ConnectionString = connectionString }, TimeProvider.System);
        await journal.StartAsync(CancellationToken.None);
        return new JournalBatches(journal, await Rows.OpenAsync(journal));
    }
}
