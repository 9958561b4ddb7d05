using ClusterChat.Cluster.Abuse;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresBlockStoreTests : BlockStoreContract
{
    private readonly List<PostgresBlockStore> _stores = [];
    private PostgresStore? _schema;

    public override async Task DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        if (_schema is not null)
            await _schema.DisposeAsync();
    }

    protected override async Task<IBlockStore> CreateAsync()
    {
        _schema ??= await PostgresStore.CreateAsync();
        var store = new PostgresBlockStore(_schema.Options, TimeProvider.System);
        _stores.Add(store);
        await store.StartAsync(default);
        return store;
    }

    [Fact]
    public async Task A_list_that_lost_its_version_or_its_table_is_an_outage()
    {
        await _schema!.ExecuteAsync("DELETE FROM block_version");
        await Should.ThrowAsync<StoreUnavailableException>(async () => await Store.ReadAsync(-1, default));
        await _schema.ExecuteAsync("DROP TABLE block");
        await Should.ThrowAsync<StoreUnavailableException>(async () => await Store.PutAsync(Of("a"), 10, default));
    }

    [Fact]
    public async Task A_transaction_that_does_not_end_is_an_outage_of_bounded_length()
    {
        await using var impatient = new PostgresBlockStore(_schema!.Options with { LockTimeout = TimeSpan.FromMilliseconds(50) }, TimeProvider.System);
        await impatient.StartAsync(default);
        await using var connection = new Npgsql.NpgsqlConnection(_schema.Options.ConnectionString);
        await connection.OpenAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var update = new Npgsql.NpgsqlCommand("UPDATE block_version SET version = version", connection, transaction);
            await update.ExecuteNonQueryAsync();
            await Should.ThrowAsync<StoreUnavailableException>(async () => await impatient.PutAsync(Of("a"), 10, default));
            (await impatient.ReadAsync(-1, default)).ShouldNotBeNull();
        }

        (await impatient.PutAsync(Of("a"), 10, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_store_that_is_closed_or_was_not_opened_says_so()
    {
        var closed = new PostgresBlockStore(_schema!.Options, TimeProvider.System);
        (await Should.ThrowAsync<StoreUnavailableException>(async () => await closed.ReadAsync(-1, default))).Message.ShouldContain("not been opened");
        await closed.StartAsync(default);
        await closed.DisposeAsync();
        await Should.ThrowAsync<StoreUnavailableException>(async () => await closed.ReadAsync(-1, default));
    }
}
