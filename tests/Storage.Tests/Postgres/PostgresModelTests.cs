using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresModelTests : JournalModelContract
{
    protected override async Task WithTwoAsync(Func<IJournal[], Task> use)
    {
        var store = await PostgresStore.CreateAsync();
        try
        {
            await use([await store.StartAsync(), await store.StartAsync()]);
        }
        finally
        {
            await store.DisposeAsync();
        }
    }
}
