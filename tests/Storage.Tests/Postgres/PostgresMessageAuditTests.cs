using ClusterChat.Cluster.Abuse;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresMessageAuditTests : MessageAuditContract
{
    private readonly List<PostgresMessageAudit> _audits = [];
    private PostgresStore? _schema;

    public override async Task DisposeAsync()
    {
        foreach (var audit in _audits)
            await audit.DisposeAsync();
        if (_schema is not null)
            await _schema.DisposeAsync();
    }

    protected override async Task<IMessageAudit> CreateAsync()
    {
        _schema ??= await PostgresStore.CreateAsync();
        var audit = new PostgresMessageAudit(_schema.Options, TimeProvider.System);
        _audits.Add(audit);
        await audit.StartAsync(default);
        return audit;
    }

    [Fact]
    public async Task A_table_that_is_gone_is_an_outage()
    {
        await _schema!.ExecuteAsync("DROP TABLE audit");
        await Should.ThrowAsync<StoreUnavailableException>(async () => await Audit.OfUserAsync("ann", long.MaxValue, 10, default));
    }
}
