using System.Globalization;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Membership;

/// <summary>
/// Nodes that are nothing but members, one table, one network, one thread. It checks on the way that all of them see the
/// same list under one number, and that numbers only grow.
/// </summary>
internal sealed class MembershipWorld
{
    private readonly Dictionary<long, string> _lists = [];
    private int _starts;

    public MembershipWorld(int seed = 1)
    {
        World = new Simulation(seed);
        Network = new SimulatedNetwork(World);
        Store.OnChange = (change, table) =>
        {
            _lists.Add(table.View, Show(table.ToView()));
            Changes.Add((World.Clock.Elapsed, change));
            OnChange?.Invoke(change);
        };
    }

    public Simulation World { get; }

    public SimulatedNetwork Network { get; }

    public InMemoryMembershipStore Store { get; } = new();

    public List<(TimeSpan At, MembershipChange Change)> Changes { get; } = [];

    public Action<MembershipChange>? OnChange { get; set; }

    public List<MemberProcess> All { get; } = [];

    public MembershipOptions Options { get; init; } = new();

    /// <summary>How the calls of the table go.</summary>
    public Func<MembershipCall> Decide { get; set; } =
        static () => new MembershipCall(MembershipFault.None, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(2));

    public TimeSpan Now => World.Clock.Elapsed;

    public IEnumerable<MemberProcess> Live => All.Where(n => !n.Process.IsKilled);

    public MemberProcess Start(string name, NodeRoles roles = NodeRoles.Gateway | NodeRoles.Rooms)
    {
        var node = new MemberProcess(this, new ClusterNode(name, (++_starts).ToString(CultureInfo.InvariantCulture), roles, $"{name}:1"));
        All.Add(node);
        return node;
    }

    /// <summary>Starts nodes and waits until all are members.</summary>
    public MemberProcess[] Cluster(params string[] names)
    {
        var nodes = names.Select(n => Start(n)).ToArray();
        World.RunUntil(() => nodes.All(n => n.Sees(names)), TimeSpan.FromSeconds(5), "a cluster");
        return nodes;
    }

    public void Seen(MemberProcess node, ClusterView view)
    {
        if (view.Number <= node.Views.LastOrDefault()?.Number)
            throw new ShouldAssertException($"Seed {World.Seed}: {node.Self.Id} goes from view {node.Views[^1].Number} to {view.Number}.");
        if (_lists[view.Number] != Show(view))
            throw new ShouldAssertException($"Seed {World.Seed}: view {view.Number} is {_lists[view.Number]}, but {node.Self.Id} sees {Show(view)}.");
        node.Views.Add(view);
    }

    public void ShouldAgree(TimeSpan within) => World.RunUntil(
        () => Live.All(n => n.Membership.View.Number == Store.Table.View)
            && Store.Table.Nodes.Select(n => n.Node.Id).Order().SequenceEqual(Live.Select(n => n.Self.Id).Order()),
        within,
        "agreement");

    public override string ToString() =>
        $"table {Show(Store.Table.ToView())}; " + string.Join("; ", All.Select(n => $"{n.Self.Id}{(n.Process.IsKilled ? " gone" : "")} at {n.Membership.View.Number} {n.End}"));

    private static string Show(ClusterView view) => $"{view.Number}: {string.Join(",", view.Nodes.Select(n => n.Id))}";
}
