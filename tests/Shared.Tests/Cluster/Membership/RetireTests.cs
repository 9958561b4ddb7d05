using ClusterChat.Cluster;

namespace ClusterChat.Shared.Tests.Cluster.Membership;

/// <summary>A node gives up its roles before it leaves.</summary>
public sealed class RetireTests
{
    private readonly MembershipWorld _world = new();

    [Fact]
    public async Task A_node_that_retires_is_a_member_without_roles_and_all_know_within_a_moment()
    {
        var nodes = _world.Cluster("a", "b", "c");
        var retired = nodes[0].Membership.RetireAsync();
        _world.World.RunUntil(
            () => nodes.All(n => n.Sees("a", "b", "c") && RolesOf(n, "a") == NodeRoles.None), TimeSpan.FromMilliseconds(100), "a node without roles");
        (await retired).ShouldBe(NodeRoles.None);
        _world.World.RunFor(TimeSpan.FromSeconds(20));
        nodes.ShouldAllBe(n => n.Sees("a", "b", "c") && n.End == null);
    }

    [Fact]
    public async Task Who_is_the_last_to_retire_keeps_the_rooms()
    {
        var nodes = _world.Cluster("a", "b", "c");
        var retired = nodes.Select(n => n.Membership.RetireAsync()).ToArray();
        _world.World.RunUntil(() => retired.All(r => r.IsCompleted), TimeSpan.FromSeconds(2), "all to retire");
        (await Task.WhenAll(retired)).Order().ShouldBe([NodeRoles.None, NodeRoles.None, NodeRoles.Rooms]);
        nodes.ShouldAllBe(n => n.Membership.View.Nodes.Count(m => m.Roles == NodeRoles.None) == 2);
    }

    [Fact]
    public void A_retired_node_leaves_at_once_and_all_know_within_a_moment()
    {
        var nodes = _world.Cluster("a", "b", "c");
        var retired = nodes[0].Membership.RetireAsync();
        _world.World.RunUntil(() => retired.IsCompleted, TimeSpan.FromMilliseconds(100), "retirement");
        var left = nodes[0].Membership.LeaveAsync();
        _world.World.RunUntil(() => left.IsCompleted && nodes[1..].All(n => n.Sees("b", "c")), TimeSpan.FromMilliseconds(100), "its leaving");
    }

    [Fact]
    public void A_leave_is_announced_and_changes_nothing_else()
    {
        var nodes = _world.Cluster("a", "b", "c", "d");

        // Between two heartbeats: nobody would ask by itself.
        _world.World.RunFor(TimeSpan.FromMilliseconds(1300));
        var left = nodes[3].Membership.LeaveAsync();
        _world.World.RunUntil(() => left.IsCompleted && nodes[..3].All(n => n.Sees("a", "b", "c")), TimeSpan.FromMilliseconds(20), "its leaving");
        _world.World.RunFor(TimeSpan.FromSeconds(20));
        _world.Changes.Count.ShouldBe(5);
        nodes[..3].ShouldAllBe(n => n.End == null);
    }

    private static NodeRoles RolesOf(MemberProcess node, string name) => node.Membership.View.Nodes.Single(n => n.Name == name).Roles;
}
