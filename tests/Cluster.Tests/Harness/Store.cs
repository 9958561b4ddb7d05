namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>What a cluster keeps its rooms and its table of nodes in.</summary>
public enum Store
{
    Sqlite,
    Postgres,
}
