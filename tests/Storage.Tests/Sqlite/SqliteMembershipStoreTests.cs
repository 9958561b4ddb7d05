using ClusterChat.Cluster.Membership;
using ClusterChat.Storage.Sqlite;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteMembershipStoreTests : MembershipStoreContract
{
    private readonly TempFolder _folder = new();
    private readonly List<SqliteMembershipStore> _stores = [];

    public override async Task DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await _folder.DeleteAsync();
    }

    protected override async Task<IMembershipStore> CreateAsync() => await StartAsync(_folder.Options);

    [Fact]
    public async Task It_shares_its_file_with_the_secret()
    {
        var secret = await new SqliteSecretStore(_folder.Options).GetOrCreateAsync(new byte[32], default);
        await AddAsync(Node("a"));
        (await new SqliteSecretStore(_folder.Options).GetOrCreateAsync(new byte[32], default)).ShouldBe(secret);
        (await (await CreateAsync()).ReadAsync(default)).View.ShouldBe(1);
    }

    [Fact]
    public async Task A_table_outlives_its_processes()
    {
        await AddAsync(Node("a"));
        await _stores[0].DisposeAsync();
        (await (await CreateAsync()).ReadAsync(default)).Find("a/1").ShouldNotBeNull();
        await Should.ThrowAsync<MembershipUnavailableException>(async () => await Store.ReadAsync(default));
    }

    [Fact]
    public async Task A_writer_that_does_not_end_is_an_outage_of_bounded_length_and_readers_do_not_wait()
    {
        var impatient = await StartAsync(_folder.Options with { BusyTimeout = TimeSpan.FromMilliseconds(50) });
        await AddAsync(Node("a"));
        await using (var connection = TempFolder.Connect(_folder.ClusterFile))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            await command.ExecuteNonQueryAsync();
            await Should.ThrowAsync<MembershipUnavailableException>(async () => await impatient.HeartbeatAsync("a/1", 1, default));
            await Should.ThrowAsync<MembershipUnavailableException>(
                async () => await impatient.TryChangeAsync(new MembershipChange(1, Node("b"), []), default));
            (await impatient.ReadAsync(default)).View.ShouldBe(1);
        }

        (await impatient.HeartbeatAsync("a/1", 2, default)).Find("a/1")!.Heartbeat.ShouldBe(2);
    }

    [Fact]
    public async Task A_file_that_was_replaced_is_an_outage_and_not_an_empty_cluster()
    {
        await AddAsync(Node("a"));
        File.Delete(_folder.ClusterFile);
        await Should.ThrowAsync<MembershipUnavailableException>(async () => await Store.HeartbeatAsync("a/1", 1, default));
        await Should.ThrowAsync<MembershipUnavailableException>(async () => await Store.ReadAsync(default));
    }

    [Fact]
    public async Task A_store_that_was_not_opened_or_cannot_be_says_so()
    {
        await using var store = new SqliteMembershipStore(
            _folder.Options with { Folder = Path.Combine(_folder.Root, "bad") }, TimeProvider.System);
        await Should.ThrowAsync<MembershipUnavailableException>(async () => await store.ReadAsync(default));
        Directory.CreateDirectory(Path.Combine(_folder.Root, "bad", SqliteSecretStore.FileName));
        await Should.ThrowAsync<StorageStartException>(() => store.StartAsync(default));
        await Should.ThrowAsync<MembershipUnavailableException>(async () => await store.ReadAsync(default));
    }

    private async Task<SqliteMembershipStore> StartAsync(SqliteStorageOptions options)
    {
        var store = new SqliteMembershipStore(options, TimeProvider.System);
        _stores.Add(store);
        await store.StartAsync(default);
        return store;
    }
}
