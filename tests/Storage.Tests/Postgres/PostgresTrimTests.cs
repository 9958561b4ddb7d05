using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresTrimTests : TrimContract
{
    private PostgresStore _store = null!;

    public override async Task InitializeAsync() => _store = await PostgresStore.CreateAsync();

    public override Task DisposeAsync() => _store.DisposeAsync();

    protected override async Task<IJournal> StartAsync() => await _store.StartAsync();

    internal override async Task<IJournal> StartAsync(JournalTrimming rules) => await _store.StartAsync(_store.Options with { Trimming = rules });

    internal override async Task<long> TrimAsync(JournalTrimming rules)
    {
        await using var source = PostgresDatabase.Create(_store.Options, "test");
        await using var trimmer = PostgresTrimmedRooms.Trimmer(source, rules, new ManualClock(Now), NullLogger.Instance);
        return await trimmer.TrimAsync(default);
    }
}
