namespace ClusterChat.Bench;

/// <summary>What is measured.</summary>
/// <param name="Kind">Which server.</param>
/// <param name="Nodes">Of how many processes; more than one only of ClusterChat.</param>
/// <param name="Store">Where ClusterChat keeps its rooms.</param>
internal sealed record Target(ServerKind Kind, int Nodes = 1, Store Store = Store.Sqlite)
{
    public string Name => (Kind, Nodes, Store) switch
    {
        (ServerKind.ClusterChat, 1, Store.Sqlite) => "ClusterChat",
        (ServerKind.ClusterChat, 1, _) => $"ClusterChat, {Store}",
        (ServerKind.ClusterChat, _, Store.Sqlite) => $"ClusterChat, {Nodes} nodes",
        (ServerKind.ClusterChat, _, _) => $"ClusterChat, {Nodes} nodes, {Store}",
        _ => Kind.ToString(),
    };

    /// <summary>All that is asked for; the others than ClusterChat once each.</summary>
    public static IReadOnlyList<Target> All(IEnumerable<ServerKind> kinds, IReadOnlyList<int> nodes, IReadOnlyList<Store> stores) =>
    [
        .. kinds.SelectMany(kind => kind == ServerKind.ClusterChat
            ? stores.SelectMany(store => nodes.Select(count => new Target(kind, count, store)))
            : [new Target(kind)]),
    ];
}
