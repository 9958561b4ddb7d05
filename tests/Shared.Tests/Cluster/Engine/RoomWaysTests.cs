using Akka.Actor;
using Akka.TestKit;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>Which way a gateway's messages to rooms take.</summary>
public sealed class RoomWaysTests : Akka.TestKit.Xunit2.TestKit
{
    private const string Room = "lobby";

    private readonly RoomWays _ways = new();
    private readonly TestProbe _region;
    private readonly TestProbe _room;

    public RoomWaysTests()
    {
        _region = CreateTestProbe();
        _room = CreateTestProbe();
    }

    [Fact]
    public void A_stream_is_opened_through_the_region_and_goes_on_with_the_room()
    {
        Subscribe(1);
        Open(1);
        Tell(Read(1, 1));
        Got(_region).ShouldBe([Opening(1)]);
        Got(_room).ShouldBe([Read(1, 1)]);
    }

    [Fact]
    public void What_follows_an_opening_waits_for_its_answer_and_keeps_its_order()
    {
        Subscribe(1);
        Tell(Read(1, 1));
        Tell(Read(1, 2));
        Got(_region).ShouldBe([Opening(1)]);
        Got(_room).ShouldBeEmpty();

        Open(1);
        Tell(Read(1, 3));
        Got(_room).ShouldBe([Read(1, 1), Read(1, 2), Read(1, 3)]);
        Got(_region).ShouldBeEmpty();
    }

    [Fact]
    public void That_somebody_types_is_no_news_when_the_stream_opens()
    {
        Subscribe(1);
        Tell(new Typing(Room, "gw", 1, "ann", "g:ann"));
        Open(1);
        Got(_room).ShouldBeEmpty();
    }

    [Fact]
    public void A_new_stream_looks_for_the_room_anew_and_forgets_what_waited_on_the_old_one()
    {
        Subscribe(1);
        Open(1);
        Subscribe(2);
        Tell(Read(2, 1));
        Subscribe(3);
        Tell(Read(3, 1));
        Got(_room).ShouldBeEmpty();

        // The room answers both openings.
        Open(2);
        Got(_room).ShouldBeEmpty();
        Open(3);
        Got(_room).ShouldBe([Read(3, 1)]);
        Got(_region).ShouldBe([Opening(1), Opening(2), Opening(3)]);
    }

    [Fact]
    public void What_comes_on_a_stream_that_has_ended_goes_nowhere()
    {
        Subscribe(1);
        Tell(Read(1, 1));
        _ways.Ended(new StreamEnded(Room, 1));
        Tell(Read(1, 2));
        Open(1);
        Got(_room).ShouldBeEmpty();
        Got(_region).ShouldBe([Opening(1)]);
        _ways.Count.ShouldBe(0);
    }

    [Fact]
    public void The_late_end_of_an_earlier_stream_does_not_end_the_next_one()
    {
        Subscribe(1);
        Open(1);
        Subscribe(2);
        Open(2);
        _ways.Ended(new StreamEnded(Room, 1));
        Tell(Read(2, 1));
        Got(_room).ShouldBe([Read(2, 1)]);
    }

    [Fact]
    public void Who_unsubscribes_tells_the_room_and_nothing_is_kept_of_the_way()
    {
        Subscribe(1);
        Open(1);
        Tell(new Unsubscribe(Room, "gw", 1));
        Got(_room).ShouldBe([new Unsubscribe(Room, "gw", 1)]);
        _ways.Count.ShouldBe(0);
        Tell(Read(1, 1));
        Got(_room).ShouldBeEmpty();
    }

    [Fact]
    public void Who_unsubscribes_before_the_answer_does_so_behind_the_opening()
    {
        Subscribe(1);
        Tell(new Unsubscribe(Room, "gw", 1));
        Got(_region).ShouldBe([Opening(1), new Unsubscribe(Room, "gw", 1)]);
        _ways.Count.ShouldBe(0);
    }

    [Fact]
    public void The_end_of_an_earlier_subscription_does_not_touch_the_next_ones_stream()
    {
        Subscribe(1);
        Open(1);
        Subscribe(2);
        Tell(new Unsubscribe(Room, "gw", 1));
        Open(2);
        Tell(Read(2, 1));
        Got(_room).ShouldBe([Read(2, 1)]);
    }

    [Fact]
    public void With_a_node_the_ways_to_its_rooms_are_gone()
    {
        Subscribe(1);
        Open(1);
        _ways.Lose(new Address("akka", "another")).ShouldBeEmpty();
        _ways.Lose(_room.Ref.Path.Address).ShouldBe([Room]);
        _ways.Count.ShouldBe(0);
    }

    private static Subscribe Opening(long stream) => new(Room, "gw", stream, Members: []);

    private static ReadEvents Read(long stream, long request) => new(Room, "gw", stream, request, 0, 10, 10, false);

    private void Subscribe(long stream) => Tell(Opening(stream));

    private void Open(long stream) => _ways.Opened(new Subscribed(Room, stream, "L", 1, 0), _room.Ref, TestActor);

    private void Tell(ToRoom message) => _ways.Tell(message, _region.Ref, TestActor);

    private List<object> Got(TestProbe probe) => probe.All(TestActor);
}
