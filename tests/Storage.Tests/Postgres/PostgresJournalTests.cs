using System.Globalization;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresJournalTests : JournalContract
{
    private PostgresStore? _store;

    public override Task DisposeAsync() => _store?.DisposeAsync() ?? Task.CompletedTask;

    protected override async Task<IJournal> CreateAsync()
    {
        _store ??= await PostgresStore.CreateAsync();
        return await _store.StartAsync();
    }

    protected override Task TrimAsync(string room, long first) => _store!.ExecuteAsync(
        string.Create(CultureInfo.InvariantCulture, $"""
            DELETE FROM event WHERE room_id = (SELECT id FROM room WHERE name = '{room}') AND seq < {first};
            UPDATE room SET "first" = {first} WHERE name = '{room}';
            """));
}
