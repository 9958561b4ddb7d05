using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;

namespace ClusterChat.Storage.Tests.Contract;

public sealed class InMemoryUnbornRoomTests : UnbornRoomContract
{
    private readonly InMemoryJournal _store = new(slots: 1);

    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IJournal> CreateAsync() => Task.FromResult<IJournal>(_store);

    protected override Task<long> CountRoomsAsync() => Task.FromResult((long)_store.Rooms.Count);

    protected override bool AreNeighbours(string one, string other) => true;
}
