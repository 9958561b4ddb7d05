using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteUnbornRoomTests : UnbornRoomContract
{
    private readonly TempFolder _folder = new();

    public override async Task DisposeAsync() => await _folder.DeleteAsync();

    protected override async Task<IJournal> CreateAsync() => await _folder.StartAsync();

    protected override Task<long> CountRoomsAsync() => TempFolder.ScalarAsync(_folder.JournalFile, "SELECT count(*) FROM room");

    protected override bool AreNeighbours(string one, string other) => UnbornRooms.SlotOf(one) == UnbornRooms.SlotOf(other);
}
