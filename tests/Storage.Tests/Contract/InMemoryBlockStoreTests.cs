using ClusterChat.Cluster.Abuse;
using ClusterChat.TestKit.Abuse;

namespace ClusterChat.Storage.Tests.Contract;

public sealed class InMemoryBlockStoreTests : BlockStoreContract
{
    private readonly InMemoryBlockStore _store = new();

    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IBlockStore> CreateAsync() => Task.FromResult<IBlockStore>(_store);
}
