using Akka.Actor;
using Akka.TestKit;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;
using ClusterChat.Messages;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>A node's door: what other nodes tell it, and what they get for it. The other node is the test.</summary>
public sealed class NodeActorTests : Akka.TestKit.Xunit2.TestKit
{
    private readonly FakeSink _sink = new();
    private readonly FakeRooms _rooms = new();
    private readonly FakeNodes _nodes = new();
    private readonly RoomCluster _cluster;
    private readonly IActorRef _node;
    private readonly TestProbe _region;

    public NodeActorTests()
    {
        _cluster = new RoomCluster(_nodes, new FlowLimits { MaxEventBytes = 2000, MarkBytes = 1 }, new ManualClock(), NullLogger<RoomCluster>.Instance);
        _region = CreateTestProbe();
        _cluster.Attach(_sink);
        _node = Sys.ActorOf(Props.Create(() => new NodeActor(_cluster)));
        _cluster.Start(_region.Ref, _node);
    }

    [Fact]
    public void A_rooms_word_reaches_the_gateway_and_answers_go_to_the_room()
    {
        var room = CreateTestProbe();
        _cluster.Tell(new Subscribe("lobby", _cluster.Self, 1, []));
        var read = new ReadEvents("lobby", _cluster.Self, 1, 1, 0, 10, 10, false);
        _cluster.Tell(read);
        _node.Tell(new Subscribed("lobby", 1, "L", 1, 0), room.Ref);
        room.ExpectMsg<ReadEvents>().ShouldBe(read);
        room.LastSender.ShouldBe(_node);
        Passed();
        _sink.Messages.ShouldHaveSingleItem().ShouldBeOfType<Subscribed>();
    }

    [Fact]
    public void Heads_reach_the_gateway()
    {
        _node.Tell(new HeadsRepeated([new RoomHead("lobby", "L", 1, 3)]), TestActor);
        Passed();
        _sink.Heads.ShouldHaveSingleItem().Room.ShouldBe("lobby");
    }

    [Fact]
    public void A_mark_is_confirmed_behind_what_came_before_it()
    {
        _node.Tell(new EventsCommitted("lobby", 1, 1, [new byte[3]]), TestActor);
        _node.Tell(new FlowMark(77), TestActor);
        ExpectMsg<FlowConfirmed>().Mark.ShouldBe(77);
        LastSender.ShouldBe(_node);
        _sink.Messages.Count.ShouldBe(1);
    }

    [Fact]
    public void A_confirmation_lets_events_go_on()
    {
        var gateway = CreateTestProbe();
        _nodes.Add(FakeNodes.Node("other"), gateway.Ref);
        Events();
        Events();
        var marks = gateway.All().OfType<FlowMark>().ToList();
        _cluster.Dropped.ShouldBe(1);
        _node.Tell(new FlowConfirmed(marks[^1].Mark), gateway.Ref);
        Passed();
        Events();
        _cluster.Dropped.ShouldBe(1);
        gateway.All().OfType<EventsCommitted>().Count().ShouldBe(1);

        void Events() => _cluster.Tell("other/1", new EventsCommitted("lobby", 1, 1, [new byte[1500]]), TestActor);
    }

    [Fact]
    public void A_state_is_kept_and_the_room_hears_of_it()
    {
        _cluster.Attach(_rooms);
        var state = new RoomHandover("L", 3, 0, [], [], null, []);
        _node.Tell(new KeepRoom(7, "lobby", state), TestActor);
        ExpectMsg<RoomKept>().Request.ShouldBe(7);
        _rooms.Kept.ShouldBe([("lobby", state)]);
    }

    [Fact]
    public void A_room_hears_nothing_where_another_one_has_gone_on_with_what_is_to_be_forgotten()
    {
        _cluster.Attach(_rooms);
        _rooms.Keeps = state => state.Epoch > 4;
        _node.Tell(new KeepRoom(7, "lobby", RoomHandover.Nothing(4)), TestActor);
        _node.Tell(new KeepRoom(8, "lobby", RoomHandover.Nothing(5)), TestActor);
        ExpectMsg<RoomKept>().Request.ShouldBe(8);
    }

    [Fact]
    public void A_list_is_answered_with_this_nodes_share()
    {
        _cluster.Attach(_rooms);
        _rooms.Listing = new RoomListing([new ListedRoom("a", 1, 2)], true);
        _node.Tell(new ListRooms(9, string.Empty, string.Empty, 10), TestActor);
        var listed = ExpectMsg<RoomsListed>();
        (listed.Request, listed.Listing).ShouldBe((9, _rooms.Listing));
    }

    [Fact]
    public void A_share_that_cannot_be_read_and_that_of_a_node_without_rooms_are_unknown()
    {
        _node.Tell(new ListRooms(8, string.Empty, string.Empty, 10), TestActor);
        ExpectMsg<RoomsListed>().ShouldBe(new RoomsListed(8, null));
        _cluster.Attach(_rooms);
        _rooms.Listing = null;
        _node.Tell(new ListRooms(9, string.Empty, string.Empty, 10), TestActor);
        ExpectMsg<RoomsListed>().ShouldBe(new RoomsListed(9, null));
    }

    [Fact]
    public void An_order_is_carried_out_and_its_outcome_told()
    {
        _node.Tell(new OrderGateway(1, new SendNotice("hi")), TestActor);
        ExpectMsg<GatewayReported>().ShouldBe(new GatewayReported(1, GatewayReport.None));
        var report = new GatewayReport(4, [], false);
        _cluster.Attach(async order =>
        {
            await Task.Yield();
            return order is SendNotice ? report : throw new InvalidOperationException("no");
        });
        _node.Tell(new OrderGateway(2, new SendNotice("hi")), TestActor);
        ExpectMsg<GatewayReported>().ShouldBe(new GatewayReported(2, report));
        _node.Tell(new OrderGateway(3, new DisconnectUser("ann")), TestActor);
        ExpectMsg<GatewayReported>().ShouldBe(new GatewayReported(3, null));
    }

    [Fact]
    public async Task Answers_of_other_nodes_reach_who_asked()
    {
        var other = CreateTestProbe();
        var node = _nodes.Add(FakeNodes.Node("other"), other.Ref);
        var asked = _cluster.AskAsync(node, new SendNotice("hi"), default);
        var order = other.ExpectMsg<OrderGateway>();
        other.LastSender.ShouldBe(_node);
        _node.Tell(new GatewayReported(order.Request, new GatewayReport(5, [], false)), other.Ref);
        (await asked)!.Count.ShouldBe(5);

        var listing = _cluster.ListRoomsAsync(string.Empty, string.Empty, 10, default).AsTask();
        var list = other.ExpectMsg<ListRooms>();
        _node.Tell(new RoomsListed(list.Request, new RoomListing([new ListedRoom("a", 1, 2)], false)), other.Ref);
        (await listing).Rooms.ShouldHaveSingleItem().Room.ShouldBe("a");
    }

    /// <summary>Waits until the actor has handled all that it was told before.</summary>
    private void Passed()
    {
        _node.Tell(new FlowMark(1), TestActor);
        ExpectMsg<FlowConfirmed>();
    }
}
