using System.Globalization;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteEmptyRoomTests : EmptyRoomContract, IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _folder.DeleteAsync();

    internal override async Task<IJournal> StartAsync(EmptyRoomRules rules) => await _folder.StartAsync(_folder.Options with { EmptyRooms = rules });

    protected override Task InsertAsync(string room, string log, long epoch, long view) => TempFolder.ExecuteAsync(
        _folder.JournalFile,
        string.Create(CultureInfo.InvariantCulture, $"""INSERT INTO room (name, log, epoch, head, "first", "view") VALUES ('{room}', '{log}', {epoch}, 0, 1, {view})"""));

    protected override Task<long> CountRoomsAsync() => TempFolder.ScalarAsync(_folder.JournalFile, "SELECT count(*) FROM room");
}
