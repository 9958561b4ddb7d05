using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresRoomDeletionTests : RoomDeletionContract
{
    private PostgresStore? _store;

    public override Task DisposeAsync() => _store?.DisposeAsync() ?? Task.CompletedTask;

    protected override async Task<IJournal> CreateAsync()
    {
        _store ??= await PostgresStore.CreateAsync();
        return await _store.StartAsync();
    }
}
