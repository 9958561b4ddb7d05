using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteModelTests : JournalModelContract
{
    protected override async Task WithTwoAsync(Func<IJournal[], Task> use)
    {
        var folder = new TempFolder();
        try
        {
            await use([await folder.StartAsync(), await folder.StartAsync()]);
        }
        finally
        {
            await folder.DeleteAsync();
        }
    }
}
