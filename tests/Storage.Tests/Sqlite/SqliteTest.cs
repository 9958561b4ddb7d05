namespace ClusterChat.Storage.Tests.Sqlite;

/// <summary>A test with a data folder of its own.</summary>
public abstract class SqliteTest : IAsyncLifetime
{
    internal TempFolder Folder { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Folder.DeleteAsync();
}
