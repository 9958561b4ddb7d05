using ClusterChat.Cluster.Tests.Harness.Load;
using Microsoft.Data.Sqlite;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>SQLite files in a folder of their own, which all nodes open.</summary>
internal sealed class SqliteFleetStore : IFleetStore
{
    private readonly DataFolder _data = new();

    public SqliteFleetStore() => Journal = new JournalReader(
        () => new SqliteConnection($"Data Source={Path.Combine(_data.Path, "journal.db")};Pooling=false;Mode=ReadOnly"));

    public IJournalReader Journal { get; }

    public NodeOptions Use(NodeOptions options) => options with { Data = _data.Path };

    public ValueTask DisposeAsync()
    {
        _data.Dispose();
        return ValueTask.CompletedTask;
    }
}
