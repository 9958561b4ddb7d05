using System.Diagnostics.Metrics;
using System.Reflection;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Sharding;

namespace ClusterChat.Host;

/// <summary>The meter <c>ClusterChat.Node</c>: what the node is, and what it believes of its cluster.</summary>
internal sealed class NodeMetrics
{
    private static readonly (NodeRoles Role, string Name)[] Roles = [(NodeRoles.Gateway, "gateway"), (NodeRoles.Rooms, "rooms")];

    private readonly NodeOptions _options;
    private readonly INodeCluster _cluster;
    private (ClusterView View, int Shards)? _counted;

    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
         typeof(NodeMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <param name="meters">Makes the meter, and owns it.</param>
    /// <param name="options">The node's options.</param>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="isReady">Whether clients should be sent here.</param>
    public NodeMetrics(IMeterFactory meters, NodeOptions options, INodeCluster cluster, Func<bool> isReady)
    {
        _options = options;
        _cluster = cluster;
        var meter = meters.Create("ClusterChat.Node");
        var info = new Measurement<int>(
            1, new("node", options.Name), new("roles", options.Roles), new("cluster", options.ClusterName), new("version", Version));
        meter.CreateObservableGauge("clusterchat.node.info", () => info, null, "Always 1; the labels say what the node is.");
        meter.CreateObservableGauge("clusterchat.node.ready", () => isReady() ? 1 : 0, null, "1 while clients should be sent here, 0 while the node joins or drains.");
        meter.CreateObservableGauge("clusterchat.view.number", () => View.Number, null, "The number of the newest list of nodes that this node knows; each change makes a higher one.");
        meter.CreateObservableGauge("clusterchat.members", () => View.Nodes.Length, "{node}", "Nodes in that list.");
        meter.CreateObservableGauge(
            "clusterchat.members.by_role",
            () => Roles.Select(r => new Measurement<int>(View.Nodes.Count(n => n.Roles.HasFlag(r.Role)), new KeyValuePair<string, object?>("role", r.Name))),
            "{node}",
            "Nodes in that list with a role; one that has both counts twice.");
        meter.CreateObservableGauge("clusterchat.shards.owned", CountShards, "{shard}", "Shards of the rooms' names, of 1,024, that are this node's.");
        meter.CreateObservableGauge("clusterchat.store.silence", Silence, "s", "Time since this node asked the table of nodes something that was answered.");
        if (options.Postgres is null)
            meter.CreateObservableGauge("clusterchat.data.free", FreeBytes, "By", "What is left for the database files on their disk.");
    }

    private ClusterView View => _cluster.Engine.View;

    private int CountShards()
    {
        // To count them is some work; views change seldom.
        var view = View;
        if (_counted is not { } counted || !ReferenceEquals(counted.View, view))
            _counted = counted = (view, new ShardMap(view).CountOf(_options.Name));
        return counted.Shards;
    }

    private IEnumerable<Measurement<double>> Silence()
        => _cluster.StoreSilence is { } silence ? [new Measurement<double>(silence.TotalSeconds)] : [];

    private IEnumerable<Measurement<long>> FreeBytes()
    {
        try
        {
            return [new Measurement<long>(new DriveInfo(Path.GetFullPath(_options.Data)).AvailableFreeSpace)];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
