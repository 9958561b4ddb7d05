namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>A test with an empty schema of the shared server.</summary>
[Trait("Needs", "PostgreSQL")]
public abstract class PostgresTest : IAsyncLifetime
{
    private PostgresStore? _store;

    internal PostgresStore Store => _store ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => _store = await PostgresStore.CreateAsync();

    public Task DisposeAsync() => _store?.DisposeAsync() ?? Task.CompletedTask;
}
