using ClusterChat.Cluster;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.TestKit;

/// <content>Plans with several nodes.</content>
public sealed partial record SimPlan
{
    private const NodeRoles Both = NodeRoles.Gateway | NodeRoles.Rooms;

    /// <summary>Several nodes that all live, and clients that are cut off, come back and go from one to another.</summary>
    public static SimPlan CalmCluster(int seed)
    {
        var random = new Random(unchecked((seed * 104729) + 17));
        return Calm(seed) with
        {
            Nodes = Topology(random),
            RoomNames = [.. new[] { "a", "b", "mem:x", "c" }.Take(random.Next(1, 5))],
            Unrest = TimeSpan.FromSeconds(random.Next(8, 20)),
            UnrulyClients = random.Next(2) == 0,
            LinkMicroseconds = (random.Next(200, 5000), random.Next(5000, 300_000)),
        };
    }

    /// <summary>Several nodes that are stopped and started again, one after the other or several at once.</summary>
    public static SimPlan RollingCluster(int seed)
    {
        var random = new Random(unchecked((seed * 15485863) + 5));
        return CalmCluster(seed) with { NodeStops = TimeSpan.FromSeconds(random.Next(1, 6)) };
    }

    private static IReadOnlyList<NodeRoles> Topology(Random random) => random.Next(6) switch
    {
        0 => [Both],
        1 => [Both, Both],
        2 => [NodeRoles.Gateway, NodeRoles.Rooms, NodeRoles.Rooms],
        3 => [NodeRoles.Gateway, NodeRoles.Gateway, Both],
        4 => [Both, Both, Both, NodeRoles.Gateway, NodeRoles.Rooms],
        _ => [Both, Both, Both],
    };
}
