using ClusterChat.TestKit;

namespace ClusterChat.Bench;

/// <summary>A PostgreSQL server of the bench's own, with its data in the temporary folder. It ends with this process.</summary>
internal sealed class Database : IAsyncDisposable
{
    private readonly PostgresServer _server;

    private Database(PostgresServer server) => _server = server;

    /// <summary>The CPU time of its processes.</summary>
    public TimeSpan CpuTime => ProcessTree.CpuTime(_server.Pid);

    /// <summary>Starts it where one of the stores needs it.</summary>
    public static async Task<Database?> StartAsync(IEnumerable<Store> stores)
    {
        if (!stores.Contains(Store.Postgres))
        {
            return null;
        }

        // Nothing but its cache is other than Debian's: fsync and synchronous_commit are on.
        var server = await PostgresServer.CreateAsync();
        await server.StopAsync();
        await server.StartAsync("shared_buffers=256MB");
        return new Database(server);
    }

    /// <summary>The connection string of an empty database.</summary>
    public Task<string> CreateAsync() => _server.CreateSchemaAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
