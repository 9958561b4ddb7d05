using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;
using ClusterChat.Messages;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>How much may be on its way to one gateway.</summary>
public sealed class GatewayFlowsTests : Akka.TestKit.Xunit2.TestKit
{
    private const string Gateway = "gw/1";
    private static readonly FlowLimits Limits = new() { MaxEventBytes = 10_000, MaxBytes = 20_000, MarkBytes = 3_000 };

    private readonly ManualClock _clock = new();
    private readonly GatewayFlows _flows;
    private readonly TestProbe _node;

    public GatewayFlowsTests()
    {
        _flows = new GatewayFlows(Limits, _clock);
        _node = CreateTestProbe();
    }

    [Fact]
    public void A_gateway_that_confirms_gets_everything()
    {
        for (var i = 0; i < 100; i++)
        {
            TryPass(Events(1000)).ShouldBeTrue();
            foreach (var mark in Marks())
            {
                _flows.Confirmed(_node.Ref, mark);
            }
        }

        _flows.Dropped.ShouldBe(0);
    }

    [Fact]
    public void Of_a_gateway_that_stands_still_only_so_many_bytes_are_on_their_way()
    {
        var sent = Enumerable.Range(0, 1000).Count(_ => TryPass(Events(1000))) * 1000L;
        sent.ShouldBeInRange(Limits.MaxEventBytes - 3_000, Limits.MaxEventBytes);
        var answers = Enumerable.Range(0, 1000).Count(_ => TryPass(Page(1000))) * 1000L;
        (sent + answers).ShouldBeInRange(Limits.MaxBytes - 6_000, Limits.MaxBytes);
        _flows.Dropped.ShouldBe(2000 - ((sent + answers) / 1000));
        Marks().Count.ShouldBe(1);
    }

    [Fact]
    public void Events_presence_and_heads_are_dropped_before_answers()
    {
        Fill();
        TryPass(Events(1)).ShouldBeFalse();
        TryPass(new PresenceChanged("r", 1, ["ann"], [], 1)).ShouldBeFalse();
        TryPass(new TypingNoticed("r", 1, "ann", "g:ann")).ShouldBeFalse();
        _flows.TryPass(Gateway, new HeadsRepeated([new RoomHead("r", "L", 1, 1)]), _node.Ref, TestActor).ShouldBeFalse();

        TryPass(new Subscribed("r", 1, "L", 1, 1)).ShouldBeTrue();
        TryPass(new WritesDone("r", 1, [new WriteDone(1, 1, 1, false, null)])).ShouldBeTrue();
        TryPass(Page(100)).ShouldBeTrue();
    }

    [Fact]
    public void The_end_of_a_stream_always_passes()
    {
        Fill();
        while (TryPass(Page(1000)))
        {
        }

        TryPass(new Subscribed("r", 1, "L", 1, 1)).ShouldBeTrue("a small answer may still fit");
        while (TryPass(new Subscribed("r", 1, "L", 1, 1)))
        {
        }

        for (var i = 0; i < 100; i++)
        {
            TryPass(new StreamEnded("r", 1)).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_mark_is_sent_after_so_many_bytes_and_the_next_one_when_it_was_confirmed()
    {
        TryPass(Events(2_000)).ShouldBeTrue();
        Marks().ShouldBeEmpty();
        TryPass(Events(2_000)).ShouldBeTrue();
        var first = Marks().ShouldHaveSingleItem();
        TryPass(Events(5_000)).ShouldBeTrue();
        Marks().ShouldBeEmpty();

        _flows.Confirmed(_node.Ref, first);
        TryPass(Events(1)).ShouldBeTrue();
        Marks().ShouldHaveSingleItem().ShouldBeGreaterThan(first + 5_000);
    }

    [Fact]
    public void A_mark_that_may_be_lost_is_repeated_with_what_is_sent_next_even_if_that_is_dropped()
    {
        Fill();
        Marks().Count.ShouldBe(1);
        _clock.Advance(Limits.RepeatAfter - TimeSpan.FromTicks(1));
        TryPass(Events(1)).ShouldBeFalse();
        Marks().ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromTicks(1));
        TryPass(Events(1)).ShouldBeFalse();
        Marks().Count.ShouldBe(1);
        TryPass(Events(1)).ShouldBeFalse();
        Marks().ShouldBeEmpty();
    }

    [Fact]
    public void When_the_gateway_has_confirmed_again_events_go_on()
    {
        Fill();
        TryPass(Events(1000)).ShouldBeFalse();
        Marks();
        _clock.Advance(Limits.RepeatAfter);
        TryPass(Events(1000)).ShouldBeFalse();
        _flows.Confirmed(_node.Ref, Marks().ShouldHaveSingleItem());
        TryPass(Events(1000)).ShouldBeTrue();
    }

    [Fact]
    public void A_confirmation_counts_whatever_incarnation_of_the_actor_it_names()
    {
        Fill();
        var marks = Marks();
        var asSeenByItself = new EmptyLocalActorRef(((ExtendedActorSystem)Sys).Provider, _node.Ref.Path.WithUid(77), Sys.EventStream);
        _flows.Confirmed(asSeenByItself, marks[^1]);
        TryPass(Events(1000)).ShouldBeTrue();
    }

    [Fact]
    public void A_late_confirmation_of_a_lower_mark_takes_nothing_back()
    {
        TryPass(Events(3_000));
        var first = Marks().ShouldHaveSingleItem();
        _flows.Confirmed(_node.Ref, first);
        TryPass(Events(6_000));
        _flows.Confirmed(_node.Ref, Marks().ShouldHaveSingleItem());
        _flows.Confirmed(_node.Ref, first);
        TryPass(Events(9_000)).ShouldBeTrue();
    }

    [Fact]
    public void A_confirmation_of_what_was_never_sent_does_no_harm()
    {
        TryPass(Events(1));
        _flows.Confirmed(_node.Ref, long.MaxValue);
        Fill();
        TryPass(Events(1000)).ShouldBeFalse();
    }

    [Fact]
    public void One_gateway_that_stands_still_slows_no_other()
    {
        var other = CreateTestProbe();
        Fill();
        _flows.TryPass("gw/2", Events(5_000), other.Ref, TestActor).ShouldBeTrue();
        other.ExpectMsg<FlowMark>();
        _flows.Confirmed(other.Ref, long.MaxValue);
        TryPass(Events(1000)).ShouldBeFalse();
    }

    [Fact]
    public void Of_a_gateway_that_is_gone_nothing_is_kept()
    {
        Fill();
        _flows.Forget(Gateway);
        TryPass(Events(1000)).ShouldBeTrue();
    }

    private static EventsCommitted Events(int bytes) => new("r", 1, 1, [new byte[bytes]]);

    private static EventPage Page(int bytes) => new("r", 1, 1, "L", 1, [new byte[bytes]], 1, false, true, 1, null);

    private bool TryPass(FromRoom message) => _flows.TryPass(Gateway, message, _node.Ref, TestActor);

    private void Fill()
    {
        while (TryPass(Events(1000)))
        {
        }

        while (TryPass(Events(1)))
        {
        }
    }

    /// <summary>The marks that the gateway was sent since the last call.</summary>
    private List<long> Marks()
    {
        var end = new object();
        _node.Ref.Tell(end);
        var marks = new List<long>();
        while (_node.ReceiveOne() is FlowMark mark)
        {
            _node.LastSender.ShouldBe(TestActor);
            marks.Add(mark.Mark);
        }

        return marks;
    }
}
