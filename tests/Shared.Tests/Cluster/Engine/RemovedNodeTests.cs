using ClusterChat.Cluster;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>A node that was removed from the cluster, to itself and to the others.</summary>
public sealed class RemovedNodeTests
{
    private readonly EngineNode _a;
    private readonly EngineNode _b;
    private readonly string _ownRoom;
    private readonly string _otherRoom;

    public RemovedNodeTests()
    {
        var clock = new ManualClock();
        (_a, _b) = (new EngineNode("a", clock), new EngineNode("b", clock));
        var both = EngineNode.View(1, _a, _b);
        (_ownRoom, _otherRoom) = (EngineNode.RoomOf(_a.Node, both), EngineNode.RoomOf(_b.Node, both));
        _a.Engine.OnView(both);
        _b.Engine.OnView(both);
    }

    [Fact]
    public void A_node_that_is_no_member_any_more_gives_up_its_rooms_and_asks_nobody()
    {
        _a.Keeps!(_ownRoom).ShouldBeTrue();
        _a.TakeTold();
        _a.Engine.OnEnd();
        _a.Keeps(_ownRoom).ShouldBeFalse();
        _a.Engine.OwnedUnder(_ownRoom).ShouldBeNull();
        _a.Engine.Tell(new Subscribe(_ownRoom, _a.Node.Id, 1, [])).ShouldBeFalse();
        _a.Engine.Tell(new Subscribe(_otherRoom, _a.Node.Id, 2, [])).ShouldBeFalse();
        _a.Engine.HandOver(_ownRoom, null).ShouldBe(HandoverResult.Sent);
        _a.TakeTold().ShouldBeEmpty();
        _a.Outgoing.ShouldBeEmpty();
    }

    [Fact]
    public void A_node_that_is_no_member_any_more_still_answers_what_it_had_begun()
    {
        _a.Engine.OnEnd();
        _a.Engine.Tell(_b.Node.Id, new StreamEnded(_ownRoom, 1));
        _a.Outgoing.ShouldHaveSingleItem();
    }

    [Fact]
    public void What_a_gateway_says_that_was_removed_does_not_reach_a_room()
    {
        _b.Engine.OnView(EngineNode.View(2, _b));
        _b.TakeTold();
        _a.Engine.Tell(new Subscribe(_otherRoom, _a.Node.Id, 1, [new Member("ann", "ann")]));
        _a.Flush(_b);
        _b.TakeTold().ShouldBeEmpty();
    }
}
