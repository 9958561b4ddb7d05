using ClusterChat.Cluster.Tests.Harness.Load;
using ClusterChat.TestKit;
using Npgsql;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>A PostgreSQL server of its own, which may be stopped and killed.</summary>
internal sealed class PostgresFleetStore : IFleetStore
{
    private readonly DataFolder _data = new();

    private PostgresFleetStore(PostgresServer server)
    {
        Server = server;
        Journal = new JournalReader(() => new NpgsqlConnection(server.ConnectionString + ";Pooling=false"));
    }

    public PostgresServer Server { get; }

    public IJournalReader Journal { get; }

    public static async Task<PostgresFleetStore> CreateAsync() => new(await PostgresServer.CreateAsync());

    /// <remarks>A node in a network namespace does not reach the loopback interface of this one, but its files.</remarks>
    public NodeOptions Use(NodeOptions options) => (options with { Data = _data.Path }).With("Postgres", Server.SocketConnectionString);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _data.Dispose();
    }
}
