using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;

namespace ClusterChat.Storage.Tests.Contract;

public sealed class InMemoryRoomDeletionTests : RoomDeletionContract
{
    private readonly InMemoryJournal _store = new();

    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IJournal> CreateAsync() => Task.FromResult<IJournal>(_store);
}
