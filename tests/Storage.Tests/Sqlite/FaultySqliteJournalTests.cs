using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class FaultySqliteJournalTests : FaultyJournalContract
{
    private readonly TempFolder _folder = new();

    public override Task DisposeAsync() => _folder.DeleteAsync();

    protected override async Task<IJournal> CreateAsync() => await _folder.StartAsync();
}
