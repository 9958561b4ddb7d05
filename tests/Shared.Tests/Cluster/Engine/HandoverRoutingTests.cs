using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>Rooms' states find the next owner, whoever learns of a view first.</summary>
public sealed class HandoverRoutingTests
{
    private readonly ManualClock _clock = new();
    private readonly EngineNode _a;
    private readonly EngineNode _b;
    private readonly EngineNode _c;

    public HandoverRoutingTests()
    {
        _a = new EngineNode("a", _clock);
        _b = new EngineNode("b", _clock);
        _c = new EngineNode("c", _clock);
    }

    [Fact]
    public void A_state_goes_to_the_owner_under_the_newest_view()
    {
        var (one, two) = (EngineNode.View(1, _a), EngineNode.View(2, _a, _b));
        var room = EngineNode.RoomOf(_b.Node, two);
        Know(one, _a);
        Know(two, _a, _b);
        _a.Engine.HandOver(room, State("log")).ShouldBe(HandoverResult.Sent);
        _a.Flush(_b);
        _b.TakeTold()[^1].ShouldBe("TakeOver log");
        _b.Engine.HandOver(room, State("log")).ShouldBe(HandoverResult.Returned);
    }

    [Fact]
    public void A_state_that_comes_before_its_view_waits_for_that()
    {
        var one = EngineNode.View(1, _a, _b, _c);
        var two = one with { Number = 2, Nodes = [_a.Node with { Roles = NodeRoles.None }, _b.Node, _c.Node] };
        var room = RoomThatMoves(one, _a, two, _b);
        Know(one, _a, _b);
        Know(two, _a);
        _b.TakeTold();
        _a.Engine.HandOver(room, State("log"));
        _a.Engine.Tell(new Subscribe(room, _a.Node.Id, 7, []));
        _a.Flush(_b);
        _b.TakeTold().ShouldBeEmpty();
        _b.NewerViews.ShouldBe([2, 2]);

        Know(two, _b);
        _b.TakeTold().ShouldBe(["TakeOver log", "Subscribe 7", "OwnersChanged"]);
    }

    [Fact]
    public void A_state_that_comes_too_late_is_passed_on_once()
    {
        var (two, three) = (EngineNode.View(2, _b, _c), EngineNode.View(3, _c));
        var room = EngineNode.RoomOf(_b.Node, two);
        Know(two, _a, _b);
        Know(three with { Nodes = [_b.Node with { Roles = NodeRoles.None }, _c.Node] }, _b, _c);
        _a.Engine.HandOver(room, State("log"));
        _a.Flush(_b);
        _b.TakeTold().ShouldNotContain("TakeOver log");
        _b.Outgoing.ShouldHaveSingleItem().ShouldBeOfType<HandoverLink>().View.ShouldBe(3);
        _b.Flush(_c);
        _c.TakeTold().ShouldContain("TakeOver log");
    }

    [Fact]
    public void A_state_from_a_node_that_is_no_further_than_this_one_is_not_passed_on()
    {
        var two = EngineNode.View(2, _b, _c);
        var room = EngineNode.RoomOf(_c.Node, two);
        Know(two, _b);
        _b.Engine.Receive(_a.Node.Id, new HandoverLink(2, room, State("log")));
        _b.Outgoing.ShouldBeEmpty();
        _b.TakeTold().ShouldBe(["OwnersChanged"]);
    }

    [Fact]
    public void The_owner_of_the_view_before_is_asked_and_gives_up()
    {
        var (one, two) = (EngineNode.View(1, _a, _c), EngineNode.View(2, _a, _b, _c));
        var room = RoomThatMoves(one, _a, two, _b);
        Know(one, _a, _c);
        Know(two, _a, _b, _c);
        _b.Engine.Ask(room).ShouldBeTrue("a node that has just come knows who is second in rank");
        _b.Flush(_a, _c);
        _a.TakeTold()[^1].ShouldBe("GiveUp");
        _c.TakeTold().ShouldNotContain("GiveUp");
        _a.Engine.HandOver(room, null).ShouldBe(HandoverResult.Sent);
        _a.Flush(_b);
        _b.TakeTold()[^1].ShouldBe("TakeOver nothing");
    }

    [Fact]
    public void An_owner_that_is_behind_answers_when_it_knows_the_view()
    {
        var (one, two) = (EngineNode.View(1, _a, _c), EngineNode.View(2, _a, _b, _c));
        var room = RoomThatMoves(one, _a, two, _b);
        Know(one, _a);
        Know(two, _b);
        _b.Engine.Ask(room);
        _b.Flush(_a);
        _a.TakeTold().ShouldBe(["OwnersChanged"]);
        Know(two, _a);
        _a.TakeTold().ShouldBe(["GiveUp", "OwnersChanged"]);
    }

    [Fact]
    public void Who_asks_under_an_older_view_gets_nothing()
    {
        var (one, two) = (EngineNode.View(1, _a, _c), EngineNode.View(2, _a, _b, _c));
        var room = RoomThatMoves(one, _a, two, _b);
        Know(one, _a);
        Know(two, _a);
        _a.Engine.Receive(_c.Node.Id, new AskHandoverLink(1, room));
        _a.Outgoing.ShouldBe([new HandoverLink(2, room, null)]);
    }

    [Fact]
    public void Nobody_is_asked_who_is_gone_or_out_of_reach_or_long_ago_the_owner()
    {
        var (one, two) = (EngineNode.View(1, _a, _c), EngineNode.View(2, _c));
        var room = RoomThatMoves(one, _a, two, _c);
        Know(one, _c);
        Know(two, _c);
        _c.Engine.Ask(room).ShouldBeFalse("it is in no view");

        one = EngineNode.View(1, _a, _b);
        Know(one, _b);
        var stays = one with { Number = 2, Nodes = [_a.Node with { Roles = NodeRoles.None }, _b.Node] };
        Know(stays, _b);
        room = RoomThatMoves(one, _a, stays, _b);
        _b.Engine.Ask(room).ShouldBeTrue();
        _b.Engine.PeerChanged(_a.Node.Id, LinkState.Lost);
        _b.TakeTold().ShouldContain("TakeOver nothing", "what was asked is answered");
        _b.Engine.Ask(room).ShouldBeFalse("it is out of reach");
        _b.Engine.PeerChanged(_a.Node.Id, LinkState.Connected);
        _b.IsFull = true;
        _b.Engine.Ask(room).ShouldBeFalse("the way is full");
        _b.IsFull = false;
        _clock.Advance(TimeSpan.FromSeconds(11));
        _b.Engine.Ask(room).ShouldBeFalse("it was long ago");
    }

    [Fact]
    public void A_full_way_is_said_to_be_full_and_nothing_always_fits()
    {
        var two = EngineNode.View(2, _a, _b);
        var room = EngineNode.RoomOf(_b.Node, two);
        Know(two, _a);
        _a.IsFull = true;
        _a.Engine.HandOver(room, State("log")).ShouldBe(HandoverResult.Full);
        _a.Engine.HandOver(room, null).ShouldBe(HandoverResult.Sent);
    }

    [Fact]
    public void A_gateway_that_is_not_known_yet_is_answered_when_it_is()
    {
        var (one, two) = (EngineNode.View(1, _a), EngineNode.View(2, _a, _b));
        var room = EngineNode.RoomOf(_a.Node, one, two);
        Know(one, _a);
        Know(two, _b);
        _b.Engine.Tell(new Subscribe(room, _b.Node.Id, 1, []));
        _b.Engine.Tell(new Typing(room, _b.Node.Id, 1, "ann"));
        _b.Flush(_a);
        _a.TakeTold().ShouldBe(["OwnersChanged"]);
        Know(two, _a);
        _a.TakeTold().ShouldBe(["Subscribe 1", "Typing 1", "OwnersChanged"]);
    }

    [Fact]
    public void Who_is_behind_is_told_that_the_room_is_elsewhere()
    {
        var (one, two) = (EngineNode.View(1, _a, _b), EngineNode.View(2, _b));
        var room = RoomThatMoves(one, _a, two, _b);
        Know(one, _a, _b);
        Know(two with { Nodes = [_a.Node with { Roles = NodeRoles.None }, _b.Node] }, _a);
        _b.Engine.Tell(new Subscribe(room, _b.Node.Id, 1, []));
        _b.Flush(_a);
        _a.Flush(_b);
        _b.NewerViews.ShouldBe([2]);
        _b.TakeTold()[^1].ShouldBe("StreamEnded 1");
    }

    private static string RoomThatMoves(ClusterView one, EngineNode from, ClusterView two, EngineNode to)
    {
        var (before, after) = (new ClusterChat.Cluster.Sharding.ShardMap(one), new ClusterChat.Cluster.Sharding.ShardMap(two));
        return Enumerable.Range(0, 10_000).Select(i => $"room-{i}")
            .First(r => before.OwnerOf(r)!.Name == from.Node.Name && after.OwnerOf(r)!.Name == to.Node.Name);
    }

    private static void Know(ClusterView view, params EngineNode[] nodes)
    {
        foreach (var node in nodes)
            node.Engine.OnView(view);
    }

    private static RoomHandover State(string log) => new(log, 1, 0, [], [], []);
}
