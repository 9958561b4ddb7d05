using ClusterChat.Cluster.Abuse;
using ClusterChat.TestKit.Abuse;

namespace ClusterChat.Storage.Tests.Contract;

public sealed class InMemoryMessageAuditTests : MessageAuditContract
{
    private readonly InMemoryMessageAudit _audit = new();

    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IMessageAudit> CreateAsync() => Task.FromResult<IMessageAudit>(_audit);
}
