using Akka.Actor;
using Akka.TestKit;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;
using ClusterChat.Messages;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>The cluster as one node's gateway and rooms see it; the other nodes are probes.</summary>
public sealed class RoomClusterTests : Akka.TestKit.Xunit2.TestKit
{
    private readonly FakeNodes _nodes = new();
    private readonly ManualClock _clock = new();
    private readonly FakeSink _sink = new();
    private readonly FakeRooms _rooms = new();
    private readonly RoomCluster _cluster;
    private readonly TestProbe _region;
    private readonly TestProbe _room;

    public RoomClusterTests()
    {
        _cluster = new RoomCluster(_nodes, new FlowLimits { MaxEventBytes = 5000, MaxBytes = 5000 }, _clock, NullLogger<RoomCluster>.Instance);
        (_region, _room) = (CreateTestProbe(), CreateTestProbe());
        _cluster.Attach(_sink);
        _cluster.Attach(_rooms);
        _cluster.Start(_region.Ref, TestActor);
    }

    [Fact]
    public void A_subscription_goes_through_the_region_and_its_questions_to_the_room()
    {
        Open("lobby", 1);
        var read = new ReadEvents("lobby", _cluster.Self, 1, 1, 0, 10, 10, false);
        _cluster.Tell(read);
        _region.All(TestActor).ShouldHaveSingleItem().ShouldBeOfType<Subscribe>();
        _room.All(TestActor).ShouldBe([read]);
        _sink.Messages.ShouldHaveSingleItem().ShouldBeOfType<Subscribed>();
    }

    [Fact]
    public void A_room_that_answers_an_opening_of_before_hears_that_nobody_needs_it()
    {
        _cluster.Tell(new Subscribe("lobby", _cluster.Self, 1, [], 0));
        Open("lobby", 2);
        var late = CreateTestProbe();
        _cluster.Deliver(new Subscribed("lobby", 1, "L", 1, 0), late.Ref);
        late.ExpectMsg<Unsubscribe>().ShouldBe(new Unsubscribe("lobby", _cluster.Self, 1));

        // The newer one is not touched.
        _room.All(TestActor).ShouldBeEmpty();
        var read = new ReadEvents("lobby", _cluster.Self, 2, 1, 0, 10, 10, false);
        _cluster.Tell(read);
        _room.All(TestActor).ShouldBe([read]);
    }

    [Fact]
    public void A_rooms_word_to_the_gateway_of_its_own_node_takes_no_way_round()
    {
        var ended = new StreamEnded("lobby", 1);
        _cluster.Tell(_cluster.Self, ended, _room.Ref);
        _sink.Messages.ShouldBe([ended]);
        _cluster.TellHeads(_cluster.Self, [new RoomHead("lobby", "L", 1, 3)]);
        _sink.Heads.ShouldHaveSingleItem().Head.ShouldBe(3);
    }

    [Fact]
    public void A_rooms_word_to_another_gateway_comes_from_the_room()
    {
        var other = Join("other");
        var ended = new StreamEnded("lobby", 1);
        _cluster.Tell("other/1", ended, _room.Ref);
        other.All(_room.Ref).ShouldBe([ended]);
        _cluster.Tell("gone/1", ended, _room.Ref);
        other.All().ShouldBeEmpty();
    }

    [Fact]
    public void Beyond_the_limit_nothing_is_sent_and_heads_neither()
    {
        var other = Join("other");
        for (var i = 0; i < 10; i++)
        {
            _cluster.Tell("other/1", new EventsCommitted("lobby", 1, i, [new byte[1000]]), _room.Ref);
        }

        _cluster.TellHeads("other/1", [.. Enumerable.Range(0, 100).Select(i => new RoomHead($"r{i}", "L", 1, 3))]);
        other.All().OfType<FromRoom>().Count().ShouldBe(4);
        _cluster.Dropped.ShouldBe(7);
    }

    [Fact]
    public void Long_lists_of_heads_are_told_in_parts()
    {
        var other = Join("other");
        var cluster = new RoomCluster(_nodes, new FlowLimits(), _clock, NullLogger<RoomCluster>.Instance);
        cluster.Start(_region.Ref, TestActor);
        var heads = Enumerable.Range(0, 2500).Select(i => new RoomHead($"r{i}", "L", 1, i)).ToList();
        cluster.TellHeads("other/1", heads);
        var parts = other.All(TestActor).Cast<HeadsRepeated>().ToList();
        parts.Count.ShouldBe(3);
        parts.SelectMany(p => p.Heads).ShouldBe(heads);
    }

    [Fact]
    public void A_state_is_offered_to_all_other_nodes_that_own_rooms_and_are_to_stay()
    {
        var (one, two) = (Join("one"), Join("two"));
        var others = new[]
        {
            Join(FakeNodes.Node("gateway", NodeRoles.Gateway)),
            Join(FakeNodes.Node("leaving") with { IsLeaving = true }),
            Join(FakeNodes.Node("away") with { IsReachable = false }),
        };
        var state = new RoomHandover("L", 3, 0, [], [], null, []);
        _cluster.Offer(7, "lobby", state, _room.Ref).ShouldBe(2);
        one.All(_room.Ref).ShouldBe([new KeepRoom(7, "lobby", state)]);
        two.All(_room.Ref).ShouldBe([new KeepRoom(7, "lobby", state)]);
        others.ShouldAllBe(o => o.All(null).Count == 0);
        _rooms.Kept.ShouldBeEmpty();

        // Who is away may have a copy, and come back.
        _cluster.Offer(8, "lobby", RoomHandover.Nothing(4), _room.Ref).ShouldBe(3);
        others[2].All(_room.Ref).ShouldHaveSingleItem();
        others[..2].ShouldAllBe(o => o.All(null).Count == 0);
    }

    [Fact]
    public async Task The_list_of_rooms_is_put_together_of_all_nodes_that_answer_in_time()
    {
        var (one, silent) = (Join("one"), Join("silent"));
        _rooms.Listing = new RoomListing([new ListedRoom("a", 1, 1)], false);
        var listing = _cluster.ListRoomsAsync(string.Empty, string.Empty, 10, default).AsTask();
        var asked = one.ExpectMsg<ListRooms>();
        _cluster.Requests.Answered(asked.Request, new RoomListing([new ListedRoom("b", 2, 2)], false));
        silent.ExpectMsg<ListRooms>();
        listing.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await listing).Rooms.ShouldBe([new ListedRoom("a", 1, 1), new ListedRoom("b", 2, 2)]);
    }

    [Fact]
    public async Task An_order_for_this_node_is_carried_out_here()
    {
        (await _cluster.AskAsync(_nodes.Self, new SendNotice("hi"), default)).ShouldBe(GatewayReport.None);
        _cluster.Attach(_ => Task.FromResult(new GatewayReport(3, [], false)));
        (await _cluster.AskAsync(_nodes.Self, new SendNotice("hi"), default))!.Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_order_that_nobody_answers_has_an_unknown_outcome()
    {
        var other = Join("other");
        var asked = _cluster.AskAsync(FakeNodes.Node("other"), new SendNotice("hi"), default);
        other.ExpectMsg<OrderGateway>().Order.ShouldBe(new SendNotice("hi"));
        _clock.Advance(TimeSpan.FromSeconds(3));
        (await asked).ShouldBeNull();
    }

    [Fact]
    public void Gateways_are_listed_by_name_also_while_they_leave()
    {
        Join(FakeNodes.Node("b", NodeRoles.Gateway) with { IsLeaving = true });
        Join(FakeNodes.Node("a", NodeRoles.Gateway));
        Join(FakeNodes.Node("c", NodeRoles.Rooms));
        _cluster.Gateways.Select(g => g.Name).ShouldBe(["a", "b", "self"]);
    }

    [Fact]
    public void With_a_node_its_members_are_gone_and_the_streams_to_its_rooms_are_opened_anew()
    {
        var node = FakeNodes.Node("other");
        Join(node);
        Open("lobby", 1);
        _cluster.NodeGone(node, new Address("akka", "another"));
        _rooms.GatewaysGone.ShouldBe(["other/1"]);
        _sink.Moved.ShouldBeEmpty();

        _cluster.NodeGone(node, _room.Ref.Path.Address);
        var moved = _sink.Moved.ShouldHaveSingleItem();
        (moved("lobby"), moved("another")).ShouldBe((true, false));
    }

    [Fact]
    public void Of_a_gateway_that_is_gone_no_flow_is_kept()
    {
        var node = FakeNodes.Node("other");
        Join(node);
        for (var i = 0; i < 10; i++)
        {
            _cluster.Tell("other/1", new EventsCommitted("lobby", 1, i, [new byte[1000]]), _room.Ref);
        }

        var dropped = _cluster.Dropped;
        _cluster.NodeGone(node, new Address("akka", "another"));
        _cluster.Tell("other/1", new EventsCommitted("lobby", 1, 1, [new byte[1000]]), _room.Ref);
        _cluster.Dropped.ShouldBe(dropped);
    }

    private TestProbe Join(string name) => Join(FakeNodes.Node(name));

    private TestProbe Join(ClusterNode node)
    {
        var probe = CreateTestProbe();
        _nodes.Add(node, probe.Ref);
        return probe;
    }

    private void Open(string room, long stream)
    {
        _cluster.Tell(new Subscribe(room, _cluster.Self, stream, []));
        _cluster.Deliver(new Subscribed(room, stream, "L", 1, 0), _room.Ref);
    }
}
