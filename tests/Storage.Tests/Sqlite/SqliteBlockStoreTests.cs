using ClusterChat.Cluster.Abuse;
using ClusterChat.Storage.Sqlite;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteBlockStoreTests : BlockStoreContract
{
    private readonly TempFolder _folder = new();
    private readonly List<SqliteBlockStore> _stores = [];

    public override async Task DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await _folder.DeleteAsync();
    }

    protected override async Task<IBlockStore> CreateAsync()
    {
        var store = new SqliteBlockStore(_folder.Options, TimeProvider.System);
        _stores.Add(store);
        await store.StartAsync(default);
        return store;
    }

    [Fact]
    public async Task A_text_that_the_other_database_would_not_take_is_refused()
    {
        await Should.ThrowAsync<ArgumentException>(async () => await Store.PutAsync(Of("a\0b"), 10, default));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.PutAsync(Of("a") with { Reason = "\ud800" }, 10, default));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.DeleteAsync(BlockKind.User, "\0", default));
    }

    [Fact]
    public async Task A_file_that_is_away_is_an_outage_and_not_an_empty_list()
    {
        await Store.PutAsync(Of("a"), 10, default);
        foreach (var suffix in new[] { "", "-wal", "-shm" })
            File.Move(_folder.ClusterFile + suffix, _folder.ClusterFile + "-away" + suffix);
        await Should.ThrowAsync<StoreUnavailableException>(async () => await Store.ReadAsync(-1, default));

        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            if (File.Exists(_folder.ClusterFile + "-away" + suffix))
                File.Move(_folder.ClusterFile + "-away" + suffix, _folder.ClusterFile + suffix);
        }

        (await AllAsync(Store)).ShouldBe([Of("a")]);
    }

    [Fact]
    public async Task A_list_that_lost_its_version_is_an_outage()
    {
        await TempFolder.ExecuteAsync(_folder.ClusterFile, "DELETE FROM block_version");
        await Should.ThrowAsync<StoreUnavailableException>(async () => await Store.ReadAsync(-1, default));
    }
}
