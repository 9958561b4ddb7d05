using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Membership;

public sealed class MembershipAgentTests
{
    private static readonly TimeSpan Limit = new MembershipOptions().FailureLimit;
    private readonly MembershipWorld _world = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Nodes_that_start_at_once_are_a_cluster_at_once(int count)
    {
        var names = Enumerable.Range(1, count).Select(i => $"n{i}").ToArray();
        var nodes = names.Select(n => _world.Start(n)).ToArray();
        _world.World.RunUntil(() => nodes.All(n => n.Sees(names)), TimeSpan.FromSeconds(1.5), "a cluster");
        nodes.ShouldAllBe(n => n.Membership.Joined.IsCompletedSuccessfully && n.Membership.Joined.Result);
        _world.Store.Table.View.ShouldBe(count);
    }

    [Fact]
    public void A_node_that_comes_is_a_member_within_a_moment_and_all_know()
    {
        var nodes = _world.Cluster("a", "b", "c");
        var comes = _world.Start("d");
        _world.World.RunUntil(() => nodes.Append(comes).All(n => n.Sees("a", "b", "c", "d")), TimeSpan.FromMilliseconds(100), "a newcomer");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_killed_node_is_replaced_in_well_under_a_second(int count)
    {
        var names = Enumerable.Range(1, count).Select(i => $"n{i}").ToArray();
        var nodes = _world.Cluster(names);
        RunFor(10);
        nodes[0].Kill();
        _world.World.RunUntil(() => nodes[1..].All(n => n.Sees(names[1..])), TimeSpan.FromMilliseconds(100), "removal");
        RunFor(20);
        _world.Store.Table.View.ShouldBe(count + 1);
    }

    [Fact]
    public void Who_is_left_alone_removes_the_others_after_the_shorter_limit()
    {
        var nodes = _world.Cluster("a", "b", "c", "d");
        RunFor(5);
        foreach (var node in nodes[1..])
            node.Kill();
        _world.World.RunUntil(() => nodes[0].Sees("a"), TimeSpan.FromSeconds(4.5), "removal of three");
    }

    [Fact]
    public void A_node_that_stands_still_is_removed_after_the_limit_and_stops_when_it_finds_out()
    {
        var nodes = _world.Cluster("a", "b", "c");
        RunFor(10.3);
        var (paused, at) = (nodes[0], _world.Now);
        paused.Process.Pause();
        _world.World.RunUntil(() => nodes[1..].All(n => n.Sees("b", "c")), TimeSpan.FromSeconds(8), "removal");
        (_world.Now - at).ShouldBeGreaterThan(Limit - TimeSpan.FromSeconds(1));
        RunFor(20);
        paused.Process.Resume();
        _world.World.RunUntil(() => paused.End is not null, TimeSpan.FromSeconds(1), "its end");
        paused.End!.Reason.ShouldBe(MembershipEndReason.Removed);
        paused.End.IsFailure.ShouldBeTrue();
        paused.Ends.ShouldBe(1);
        RunFor(20);
        nodes[1..].ShouldAllBe(n => n.Ends == 0);
        nodes[1..].ShouldAllBe(n => n.Sees("b", "c") && n.End == null);
    }

    [Fact]
    public void A_short_pause_costs_nobody_its_place()
    {
        var nodes = _world.Cluster("a", "b", "c");
        for (var i = 0; i < 20; i++)
        {
            RunFor(4.1);
            nodes[i % 3].Process.Pause();
            RunFor(2.5);
            nodes[i % 3].Process.Resume();
        }

        nodes.ShouldAllBe(n => n.Sees("a", "b", "c"));
        _world.Store.Table.View.ShouldBe(3);
    }

    [Fact]
    public void All_processes_that_stand_still_together_go_on_together()
    {
        var nodes = _world.Cluster("a", "b", "c");
        RunFor(5.7);
        foreach (var node in nodes)
            node.Process.Pause();
        RunFor(60);
        foreach (var node in nodes)
            node.Process.Resume();
        RunFor(20);
        nodes.ShouldAllBe(n => n.Sees("a", "b", "c") && n.End == null);
        _world.Store.Table.View.ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_database_that_is_away_evicts_nobody(bool blackHole)
    {
        var nodes = _world.Cluster("a", "b", "c");
        RunFor(5);
        SetAway(nodes, blackHole, away: true);
        RunFor(30);
        SetAway(nodes, blackHole, away: false);
        RunFor(30);
        nodes.ShouldAllBe(n => n.Sees("a", "b", "c") && n.End == null);
        _world.Store.Table.View.ShouldBe(3);
    }

    [Fact]
    public void Who_dies_while_the_database_is_away_is_removed_when_it_is_back()
    {
        var nodes = _world.Cluster("a", "b", "c");
        SetAway(nodes, blackHole: true, away: true);
        RunFor(10);
        nodes[2].Kill();
        RunFor(10);
        SetAway(nodes, blackHole: true, away: false);
        _world.World.RunUntil(() => nodes[..2].All(n => n.Sees("a", "b")), TimeSpan.FromSeconds(3), "removal");
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void A_node_that_alone_does_not_reach_the_database_stops(int count, bool blackHole)
    {
        var names = new[] { "a", "b", "c" }[..count];
        var nodes = _world.Cluster(names);
        RunFor(5.4);
        SetAway(nodes[..1], blackHole, away: true);
        _world.World.RunUntil(() => nodes[0].End is not null, TimeSpan.FromSeconds(9), "its end");
        nodes[0].End!.Reason.ShouldBe(MembershipEndReason.StoreUnreachable);
        nodes[0].End!.MayDrain.ShouldBeTrue();
        _world.World.RunUntil(() => nodes[1..].All(n => n.Sees(names[1..])), TimeSpan.FromSeconds(3), "removal");
    }

    [Fact]
    public void Of_two_nodes_that_do_not_reach_each_other_and_that_all_others_reach_the_later_one_leaves()
    {
        var nodes = _world.Cluster("a", "b", "c", "d");
        _world.Network.Cut("a", "b");
        _world.World.RunUntil(() => nodes[1].End is not null, TimeSpan.FromSeconds(10), "its end");
        nodes[1].End!.Reason.ShouldBe(MembershipEndReason.OwnerUnreachable);
        nodes[1].End!.MayDrain.ShouldBeTrue();
        RunFor(60);
        nodes.Where(n => n != nodes[1]).ShouldAllBe(n => n.Sees("a", "c", "d") && n.End == null);
    }

    [Fact]
    public void A_node_that_two_others_do_not_reach_leaves_whatever_its_name()
    {
        var nodes = _world.Cluster("a", "b", "c", "d");
        _world.Network.Cut("a", "b");
        _world.Network.Cut("a", "c");
        _world.World.RunUntil(() => nodes[0].End is not null, TimeSpan.FromSeconds(10), "its end");
        nodes[0].End!.Reason.ShouldBe(MembershipEndReason.OwnerUnreachable);
        RunFor(60);
        nodes[1..].ShouldAllBe(n => n.Sees("b", "c", "d") && n.End == null);
    }

    [Fact]
    public void Two_nodes_that_do_not_reach_each_other_stay_where_there_is_nobody_else_to_ask()
    {
        var nodes = _world.Cluster("a", "b");
        _world.Network.Cut("a", "b");
        RunFor(60);
        nodes.ShouldAllBe(n => n.Sees("a", "b") && n.End == null);
        _world.Network.Heal("a", "b");
        RunFor(10);
        _world.Store.Table.View.ShouldBe(2);
    }

    [Fact]
    public void Who_dies_behind_a_cut_is_removed_by_its_counter()
    {
        var nodes = _world.Cluster("a", "b", "c");
        _world.Network.Cut("a", "b");
        RunFor(10);
        nodes[1].Kill();
        _world.World.RunUntil(() => nodes[0].Sees("a", "c") && nodes[2].Sees("a", "c"), TimeSpan.FromSeconds(8), "removal");
    }

    [Fact]
    public void A_gateway_that_alone_cannot_reach_an_owner_leaves()
    {
        var nodes = _world.Cluster("a", "b");
        var gateway = _world.Start("g", NodeRoles.Gateway);
        _world.World.RunUntil(() => nodes.Append(gateway).All(n => n.Sees("a", "b", "g")), TimeSpan.FromSeconds(1), "the gateway");
        _world.Network.Cut("a", "g");
        _world.World.RunUntil(() => nodes.All(n => n.Sees("a", "b")), TimeSpan.FromSeconds(10), "its leave");
        gateway.End!.Reason.ShouldBe(MembershipEndReason.OwnerUnreachable);

        var again = _world.Start("g", NodeRoles.Gateway);
        RunFor(20);
        again.Membership.Joined.IsCompleted.ShouldBeFalse();
        _world.Network.HealAll();
        _world.World.RunUntil(() => again.Sees("a", "b", "g"), TimeSpan.FromSeconds(3), "the gateway's return");
    }

    [Fact]
    public void Gateways_stay_where_no_one_reaches_the_owner()
    {
        _world.Cluster("a", "b");
        var gateways = new[] { _world.Start("g", NodeRoles.Gateway), _world.Start("h", NodeRoles.Gateway) };
        RunFor(3);
        _world.Network.Cut("a", "g");
        _world.Network.Cut("a", "h");
        RunFor(30);
        gateways.ShouldAllBe(g => g.End == null && g.Sees("a", "b", "g", "h"));
    }

    [Fact]
    public async Task A_node_that_cannot_be_reached_in_time_never_joins()
    {
        _world.Cluster("a", "b");
        _world.Network.Cut("a", "c");
        var late = _world.Start("c");
        _world.World.RunUntil(() => late.End is not null, TimeSpan.FromSeconds(62), "its end");
        late.End!.Reason.ShouldBe(MembershipEndReason.CouldNotJoin);
        late.End.Detail.ShouldContain("a/1 at a:1");
        RunFor(0.1);
        late.Membership.Joined.IsCompletedSuccessfully.ShouldBeTrue();
        (await late.Membership.Joined).ShouldBeFalse();
    }

    [Fact]
    public void A_node_that_restarts_takes_its_own_place()
    {
        var nodes = _world.Cluster("a", "b", "c");
        RunFor(3);
        nodes[0].Kill();
        var again = _world.Start("a");
        _world.World.RunUntil(
            () => nodes[1..].Append(again).All(n => n.Membership.View.Nodes.Any(m => m.Id == again.Self.Id)), TimeSpan.FromSeconds(1), "its return");
        RunFor(10);
        nodes[1..].ShouldAllBe(n => n.Sees("a", "b", "c") && n.End == null);
    }

    [Fact]
    public void Who_is_replaced_stops()
    {
        var nodes = _world.Cluster("a", "b");
        _world.Start("a");
        _world.World.RunUntil(() => nodes[0].End is not null, TimeSpan.FromSeconds(2), "its end");
        nodes[0].End!.Reason.ShouldBe(MembershipEndReason.Replaced);
    }

    [Fact]
    public void A_whole_cluster_that_died_comes_back_under_the_same_and_other_names()
    {
        foreach (var node in _world.Cluster("a", "b", "c", "d"))
            node.Kill();
        RunFor(10);
        string[] names = ["a", "b", "e"];
        var nodes = names.Select(n => _world.Start(n)).ToArray();
        _world.World.RunUntil(() => nodes.All(n => n.Sees(names)), TimeSpan.FromSeconds(8), "a cluster");
    }

    [Fact]
    public void Who_leaves_is_out_at_once_and_has_not_failed()
    {
        var nodes = _world.Cluster("a", "b", "c");
        var left = nodes[0].Membership.LeaveAsync();
        _world.World.RunUntil(() => nodes[1..].All(n => n.Sees("b", "c")), TimeSpan.FromMilliseconds(100), "its leave");
        RunFor(0.1);
        left.IsCompletedSuccessfully.ShouldBeTrue();
        nodes[0].End.ShouldBe(new MembershipEnd(MembershipEndReason.Left, "as asked"));
        nodes[0].End!.IsFailure.ShouldBeFalse();
    }

    [Fact]
    public void Who_leaves_without_a_database_gives_up_waiting()
    {
        var node = _world.Cluster("a")[0];
        SetAway([node], blackHole: true, away: true);
        var left = node.Membership.LeaveAsync();
        RunFor(6);
        left.IsCompleted.ShouldBeTrue();
        node.End!.Reason.ShouldBe(MembershipEndReason.Left);
    }

    [Fact]
    public void A_table_that_went_back_ends_the_membership()
    {
        var node = _world.Cluster("a")[0];
        _world.Start("b");
        RunFor(2);
        _world.Store.Reset();
        RunFor(2);
        node.End!.Reason.ShouldBe(MembershipEndReason.StoreWentBack);
    }

    [Fact]
    public async Task A_newer_view_that_somebody_knows_is_fetched_at_once()
    {
        var world = new MembershipWorld { Options = new MembershipOptions { HeartbeatInterval = TimeSpan.FromSeconds(60), FailureLimit = TimeSpan.FromSeconds(300), RefusedLimit = TimeSpan.FromSeconds(120) } };
        var node = world.Cluster("a")[0];
        world.World.RunFor(TimeSpan.FromSeconds(5));
        (await world.Store.TryChangeAsync(new MembershipChange(1, new ClusterNode("x", "1", NodeRoles.Rooms), []), default)).ShouldBeTrue();
        world.World.RunFor(TimeSpan.FromSeconds(5));
        node.Sees("a").ShouldBeTrue();
        var calls = node.Store.Calls;
        node.Membership.SeenView(1);
        world.World.RunFor(TimeSpan.FromMilliseconds(50));
        node.Store.Calls.ShouldBe(calls, "that one is known");
        node.Membership.SeenView(2);
        world.World.RunUntil(() => node.Sees("a", "x"), TimeSpan.FromMilliseconds(50), "the view");
    }

    [Fact]
    public void A_reader_of_views_sees_the_newest_ones_only_and_each_once()
    {
        var seen = new List<long>();
        var node = _world.Cluster("a")[0];
        using var stop = new CancellationTokenSource();
        _world.World.Post(() => _ = WatchAsync());
        RunFor(0.1);
        _world.Start("b");
        _world.Start("c");
        RunFor(5);
        seen.ShouldBe([1L, 2, 3]);
        _world.World.Post(stop.Cancel);
        RunFor(0.1);

        async Task WatchAsync()
        {
            await foreach (var view in node.Membership.WatchViewsAsync(stop.Token))
                seen.Add(view.Number);
        }
    }

    private static void SetAway(IEnumerable<MemberProcess> nodes, bool blackHole, bool away)
    {
        foreach (var node in nodes)
        {
            node.Store.IsAway = away && !blackHole;
            node.Store.IsBlackHole = away && blackHole;
        }
    }

    private void RunFor(double seconds) => _world.World.RunFor(TimeSpan.FromSeconds(seconds));
}
