using System.Globalization;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresEmptyRoomTests : EmptyRoomContract, IAsyncLifetime
{
    private PostgresStore? _store;

    private PostgresStore Store => _store ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => _store = await PostgresStore.CreateAsync();

    public Task DisposeAsync() => Store.DisposeAsync();

    internal override async Task<IJournal> StartAsync(EmptyRoomRules rules) => await Store.StartAsync(Store.Options with { EmptyRooms = rules });

    protected override Task InsertAsync(string room, string log, long epoch, long view) => Store.ExecuteAsync(
        string.Create(CultureInfo.InvariantCulture, $"""INSERT INTO room (name, log, epoch, head, "first", "view", timeline) VALUES ('{room}', '{log}', {epoch}, 0, 1, {view}, '')"""));

    protected override Task<long> CountRoomsAsync() => Store.ScalarAsync("SELECT count(*) FROM room");
}
