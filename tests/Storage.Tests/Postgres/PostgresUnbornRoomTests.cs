using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresUnbornRoomTests : UnbornRoomContract
{
    private PostgresStore? _store;

    public override Task DisposeAsync() => _store?.DisposeAsync() ?? Task.CompletedTask;

    protected override async Task<IJournal> CreateAsync()
    {
        _store ??= await PostgresStore.CreateAsync();
        return await _store.StartAsync();
    }

    protected override Task<long> CountRoomsAsync() => _store!.ScalarAsync("SELECT count(*) FROM room");

    protected override bool AreNeighbours(string one, string other) => UnbornRooms.SlotOf(one) == UnbornRooms.SlotOf(other);
}
