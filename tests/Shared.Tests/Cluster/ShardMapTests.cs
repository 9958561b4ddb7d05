using ClusterChat.Cluster;
using ClusterChat.Cluster.Sharding;

namespace ClusterChat.Shared.Tests.Cluster;

public sealed class ShardMapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(32)]
    public void Every_shard_has_one_owner_and_the_shares_are_even(int nodes)
    {
        var map = Map([.. Enumerable.Range(0, nodes).Select(i => $"node-{i}")]);
        var counts = map.View.Nodes.Select(n => map.CountOf(n.Name)).ToList();
        counts.Sum().ShouldBe(ShardMap.ShardCount);
        var fair = ShardMap.ShardCount / (double)nodes;

        // Five standard deviations of a binomial share.
        var spread = 5 * Math.Sqrt(fair * (1 - (1.0 / nodes)));
        counts.ShouldAllBe(c => Math.Abs(c - fair) <= spread + 1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(31)]
    public void A_node_that_comes_takes_its_share_and_nothing_else_moves(int nodes)
    {
        var before = Map([.. Enumerable.Range(0, nodes).Select(i => $"node-{i}")]);
        var after = Map([.. Enumerable.Range(0, nodes).Select(i => $"node-{i}"), "newcomer"]);
        for (var shard = 0; shard < ShardMap.ShardCount; shard++)
        {
            var (old, now) = (before.OwnerOf(shard)!.Name, after.OwnerOf(shard)!.Name);
            (now == old || now == "newcomer").ShouldBeTrue($"shard {shard} moved from {old} to {now}");
        }

        after.CountOf("newcomer").ShouldBeGreaterThan(0);
    }

    [Fact]
    public void The_map_depends_on_the_nodes_alone_not_on_their_order()
    {
        var one = Map(["a", "b", "c"]);
        var other = Map(["c", "a", "b"]);
        Enumerable.Range(0, ShardMap.ShardCount).ShouldAllBe(s => one.OwnerOf(s)!.Name == other.OwnerOf(s)!.Name);
    }

    [Fact]
    public void Nodes_without_the_role_own_nothing()
    {
        var view = new ClusterView(1, [Node("gateway", NodeRoles.Gateway), Node("rooms", NodeRoles.Rooms), Node("both", NodeRoles.Rooms | NodeRoles.Gateway)]);
        var map = new ShardMap(view);
        map.CountOf("gateway").ShouldBe(0);
        (map.CountOf("rooms") + map.CountOf("both")).ShouldBe(ShardMap.ShardCount);
        new ShardMap(new ClusterView(2, [Node("gateway", NodeRoles.Gateway)])).OwnerOf("lobby").ShouldBeNull();
    }

    [Fact]
    public void A_rooms_shard_never_changes_from_one_version_to_the_next()
    {
        // Another value here would send two versions of the program to two owners in a rolling deploy.
        ShardMap.ShardOf("lobby").ShouldBe(KnownShards["lobby"]);
        ShardMap.ShardOf("日本語").ShouldBe(KnownShards["日本語"]);
        Enumerable.Range(0, 20_000).Select(i => ShardMap.ShardOf($"room-{i}")).Distinct().Count().ShouldBe(ShardMap.ShardCount);
    }

    private static readonly Dictionary<string, int> KnownShards = new(StringComparer.Ordinal) { ["lobby"] = 47, ["日本語"] = 817 };

    private static ShardMap Map(string[] names) => new(new ClusterView(1, [.. names.Select(n => Node(n, NodeRoles.Rooms))]));

    private static ClusterNode Node(string name, NodeRoles roles) => new(name, "1", roles);
}
