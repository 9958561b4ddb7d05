using ClusterChat.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace ClusterChat.Storage.Tests.Sqlite;

/// <summary>A data folder that vanishes with the test, and the journals that were opened in it.</summary>
internal sealed class TempFolder
{
    private readonly List<SqliteJournal> _journals = [];

    public TempFolder()
    {
        Root = Directory.CreateTempSubdirectory("clusterchat-").FullName;
        Options = new SqliteStorageOptions { Folder = Path.Combine(Root, "data") };
    }

    public string Root { get; }

    public SqliteStorageOptions Options { get; set; }

    public string JournalFile => Path.Combine(Options.Folder, SqliteJournal.FileName);

    public string ClusterFile => Path.Combine(Options.Folder, SqliteSecretStore.FileName);

    public async Task<SqliteJournal> StartAsync(SqliteStorageOptions? options = null)
    {
        var journal = new SqliteJournal(options ?? Options, TimeProvider.System);
        _journals.Add(journal);
        await journal.StartAsync(default);
        return journal;
    }

    public static async Task ExecuteAsync(string file, string sql)
    {
        await using var connection = Connect(file);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<long> ScalarAsync(string file, string sql)
    {
        await using var connection = Connect(file);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public static SqliteConnection Connect(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public async Task DeleteAsync()
    {
        foreach (var journal in _journals)
            await journal.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }
}
