using ClusterChat.Cluster.Membership;
using ClusterChat.TestKit;

namespace ClusterChat.Storage.Tests.Contract;

public sealed class InMemoryMembershipStoreTests : MembershipStoreContract
{
    private readonly InMemoryMembershipStore _store = new();

    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IMembershipStore> CreateAsync() => Task.FromResult<IMembershipStore>(new FaultyMembershipStore(_store));
}
