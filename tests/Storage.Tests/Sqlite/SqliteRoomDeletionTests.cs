using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteRoomDeletionTests : RoomDeletionContract
{
    private readonly TempFolder _folder = new();

    public override async Task DisposeAsync() => await _folder.DeleteAsync();

    protected override async Task<IJournal> CreateAsync() => await _folder.StartAsync();
}
