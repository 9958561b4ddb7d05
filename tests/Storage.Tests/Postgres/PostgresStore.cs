using ClusterChat.Storage.Postgres;
using ClusterChat.TestKit;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>A test's own schema in a server, and the journals that were opened in it.</summary>
internal sealed class PostgresStore
{
    private readonly List<PostgresJournal> _journals = [];

    private PostgresStore(PostgresServer server, string connectionString)
    {
        Server = server;
        Options = new PostgresStorageOptions { ConnectionString = connectionString };
    }

    public PostgresServer Server { get; }

    public PostgresStorageOptions Options { get; set; }

    public static async Task<PostgresStore> CreateAsync(PostgresServer? server = null)
    {
        server ??= await PostgresServer.Shared;
        return new PostgresStore(server, await server.CreateSchemaAsync());
    }

    public async Task<PostgresJournal> StartAsync(PostgresStorageOptions? options = null)
    {
        var journal = new PostgresJournal(options ?? Options, TimeProvider.System);
        _journals.Add(journal);
        await journal.StartAsync(default);
        return journal;
    }

    public Task ExecuteAsync(string sql) => PostgresServer.ExecuteAsync(Options.ConnectionString, sql);

    public async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Options.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async Task DisposeAsync()
    {
        foreach (var journal in _journals)
            await journal.DisposeAsync();
    }
}
