using ClusterChat.Cluster.Abuse;
using ClusterChat.Storage.Sqlite;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteMessageAuditTests : MessageAuditContract
{
    private readonly TempFolder _folder = new();
    private readonly List<SqliteMessageAudit> _audits = [];

    public override async Task DisposeAsync()
    {
        foreach (var audit in _audits)
            await audit.DisposeAsync();
        await _folder.DeleteAsync();
    }

    protected override async Task<IMessageAudit> CreateAsync()
    {
        var audit = new SqliteMessageAudit(_folder.Options, TimeProvider.System);
        _audits.Add(audit);
        await audit.StartAsync(default);
        return audit;
    }

    [Fact]
    public async Task Of_a_batch_with_an_entry_that_cannot_be_kept_nothing_is()
    {
        AuditedMessage good = new("r", 1, "m", "ann", "", "::1", 1, false);
        await Should.ThrowAsync<ArgumentException>(async () => await Audit.AddAsync([good, good with { Mid = "\0" }], default));
        (await Audit.OfUserAsync("ann", long.MaxValue, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_has_a_file_of_its_own()
    {
        await Audit.AddAsync([new("r", 1, "m", "ann", "", "::1", 1, false)], default);
        File.Exists(Path.Combine(_folder.Options.Folder, SqliteMessageAudit.FileName)).ShouldBeTrue();
        File.Exists(_folder.ClusterFile).ShouldBeFalse();
        File.Exists(_folder.JournalFile).ShouldBeFalse();
    }
}
