namespace ClusterChat.Bench;

/// <summary>Where ClusterChat keeps its rooms.</summary>
internal enum Store
{
    Sqlite,
    Postgres,
}
