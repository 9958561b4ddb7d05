using System.Diagnostics.Metrics;
using System.Reflection;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Host;

/// <summary>The meter <c>ClusterChat.Node</c>: what the node is, and what it believes of its cluster.</summary>
internal sealed class NodeMetrics
{
    private readonly NodeOptions _options;
    private readonly NodeParts _parts;

    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
         typeof(NodeMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <param name="meters">Makes the meter, and owns it.</param>
    /// <param name="options">The node's options.</param>
    /// <param name="parts">The node.</param>
    /// <param name="table">What it knows of the table of nodes.</param>
    /// <param name="silence">Since when the table has not answered.</param>
    /// <param name="isReady">Whether clients should be sent here.</param>
    public NodeMetrics(IMeterFactory meters, NodeOptions options, NodeParts parts, ArbiterView table, Func<TimeSpan> silence, Func<bool> isReady)
    {
        _options = options;
        _parts = parts;
        var meter = meters.Create("ClusterChat.Node");
        var info = new Measurement<int>(
            1, new("node", options.Name), new("roles", options.Roles), new("cluster", options.ClusterName), new("version", Version));
        meter.CreateObservableGauge("clusterchat.node.info", () => info, null, "Always 1; the labels say what the node is.");
        meter.CreateObservableGauge("clusterchat.node.ready", () => isReady() ? 1 : 0, null, "1 while clients should be sent here, 0 while the node joins, drains or is full.");
        meter.CreateObservableGauge("clusterchat.view.number", () => table.Number, null, "The number of the newest list of nodes that this node knows; each change makes a higher one.");
        meter.CreateObservableGauge("clusterchat.members", () => View.Nodes.Length, "{node}", "Nodes in that list.");
        meter.CreateObservableGauge(
            "clusterchat.members.by_role",
            () => RoleNames.All.Select(r => new Measurement<int>(View.Nodes.Count(n => n.Roles.HasFlag(r.Role)), new KeyValuePair<string, object?>("role", r.Name))),
            "{node}",
            "Nodes in that list with a role; one that has both counts twice.");
        meter.CreateObservableGauge("clusterchat.members.unreachable", () => View.Nodes.Count(n => !n.IsReachable), "{node}", "Nodes in that list that somebody does not hear from.");
        meter.CreateObservableGauge("clusterchat.members.leaving", () => View.Nodes.Count(n => n.IsLeaving), "{node}", "Nodes in that list that are on their way out.");
        meter.CreateObservableGauge("clusterchat.shards.owned", CountShards, "{shard}", "Shards of the rooms' names, of 64, that are this node's.");
        meter.CreateObservableCounter("clusterchat.gateway.dropped", () => parts.Cluster.Dropped, "{message}", "Messages that rooms here did not send to gateways which had not confirmed what was sent before; they fetch them.");
        meter.CreateObservableGauge("clusterchat.store.silence", () => silence().TotalSeconds, "s", "Time since this node asked the table of nodes something that was answered.");
        if (options.Postgres is null)
            meter.CreateObservableGauge("clusterchat.data.free", FreeBytes, "By", "What is left for the database files on their disk.");
    }

    private ClusterView View => _parts.Nodes.View;

    // None before the coordinator has said so for the first time.
    private int CountShards() => _parts.Shards.Find(_parts.Nodes.Self.Address) ?? 0;

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
