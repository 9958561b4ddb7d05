using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>A memory room moves: what is handed over is all there is of its log.</summary>
public sealed class MemoryHandoverTests
{
    private readonly RoomWorld _world = new(o =>
    {
        o.Memory.Add("game:*");
        o.MemoryTailEvents = 5;
    });

    private readonly Owner _old;
    private readonly Owner _new;
    private readonly Owner _third;

    public MemoryHandoverTests()
    {
        (_old, _new, _third) = (new Owner(_world, 1, "old"), new Owner(_world, 2, "new"), new Owner(_world, 3, "third"));
        _old.Keepers.Others.AddRange([_new.Node, _third.Node]);
        _new.Keepers.Others.AddRange([_old.Node, _third.Node]);
    }

    [Fact]
    public void It_goes_on_with_the_same_log_under_a_higher_epoch()
    {
        var before = Game(_old).Connect().Fill(8);
        MoveAway(_old);
        var state = _old.Keepers.State;
        state.Writes.Select(w => w.Mid).ShouldBe(["fill0", "fill1", "fill2"]);
        before.Single<StreamEnded>();

        var after = Game(_new).Subscribe();
        after.Enter(null, new Position(state.Log, 4));
        after.Write("fill1");
        after.Write("new", oldest: 1);
        _world.Run();
        after.Single<Subscribed>().ShouldSatisfyAllConditions(
            s => s.Log.ShouldBe(state.Log), s => s.Head.ShouldBe(8), s => s.Epoch.ShouldBeGreaterThan(state.Epoch));
        after.Single<EventPage>().ShouldSatisfyAllConditions(p => p.Recovered.ShouldBeTrue(), p => p.FirstSeq.ShouldBe(5), p => p.EndSeq.ShouldBe(8));
        after.Answers.Select(a => (a.Seq, a.Dup)).ShouldBe([(2, true), (9, false)]);
        _world.Gate.Calls.ShouldBeEmpty();
    }

    [Fact]
    public void Its_epoch_is_above_that_of_the_owner_before_whatever_the_views_say()
    {
        _new.Node.Keep("game:1", new RoomHandover("log", 1L << 50, 3, [], [], null, []));
        Epoch(_new).ShouldBe((1L << 50) + 1);
    }

    [Fact]
    public void It_is_handed_over_without_subscribers_too()
    {
        Game(_old).Connect().Fill(2).Unsubscribe();
        MoveAway(_old);
        Head(_new).ShouldBe(2);
    }

    [Fact]
    public void A_place_on_the_same_node_goes_on_as_well()
    {
        Game(_old).Connect().Fill(2);
        MoveAway(_old);
        Head(_old).ShouldBe(2);
    }

    [Fact]
    public void Without_what_was_known_the_log_begins_anew()
    {
        _old.Keepers.Others.Remove(_third.Node);
        Game(_old).Connect().Fill(2);
        MoveAway(_old);
        Head(_third).ShouldBe(0);
    }

    [Fact]
    public void A_state_with_more_events_than_it_can_have_begins_a_new_log()
    {
        var handed = new HandedEvent(1, "ann", "m", 1, 0, new byte[3]);
        _new.Node.Keep("game:1", new RoomHandover("log", 5, 1, [handed, handed], [], null, []));
        var gateway = Game(_new).Subscribe();
        _world.Run();
        gateway.Single<Subscribed>().ShouldSatisfyAllConditions(s => s.Log.ShouldNotBe("log"), s => s.Head.ShouldBe(0));
    }

    [Fact]
    public void Who_takes_a_room_over_tells_the_others_to_forget_what_they_keep_of_it()
    {
        Game(_old).Connect().Fill(2);
        MoveAway(_old);
        Game(_new).Connect().Fill(1);
        _new.Keepers.State.IsNothing.ShouldBeTrue();

        // Else it would go on from event 2, and what is event 3 would depend on whom one asks.
        Head(_third).ShouldBe(0);
        Head(_old).ShouldBe(0);
    }

    [Fact]
    public void A_state_from_before_an_activation_that_a_gateway_has_heard_of_is_not_used()
    {
        Game(_old).Connect().Fill(2);
        MoveAway(_old);
        _new.Keepers.Others.Clear();
        var epoch = Epoch(_new);

        var gateway = Game(_third).Clear();
        gateway.Tell(new Subscribe("game:1", "gw", 7, [], epoch));
        _world.Run();
        gateway.Single<Subscribed>().ShouldSatisfyAllConditions(
            s => s.Log.ShouldNotBe(_old.Keepers.State.Log), s => s.Head.ShouldBe(0), s => s.Epoch.ShouldBeGreaterThan(epoch));
    }

    [Fact]
    public void It_goes_on_when_all_others_have_said_that_they_will_not()
    {
        _new.Keepers.Silent = 1;
        Game(_old).Connect().Fill(2);
        MoveAway(_old);
        var gateway = Game(_new).Clear().Subscribe();
        _world.Run();
        gateway.Told.OfType<Subscribed>().ShouldBeEmpty();

        // Its word may have been lost: it is asked again.
        _world.RunFor(_world.Options.HandoverWait);
        _new.Keepers.Offers.Count.ShouldBe(2);
        _new.Keepers.Offers[0].Answer();
        _world.Run();
        gateway.Told.OfType<Subscribed>().ShouldBeEmpty();
        _new.Keepers.Offers[1].Answer();
        _world.Run();
        gateway.Single<Subscribed>().ShouldSatisfyAllConditions(s => s.Log.ShouldBe(_old.Keepers.State.Log), s => s.Head.ShouldBe(2));
    }

    [Fact]
    public void Without_the_word_of_one_that_has_a_copy_the_log_begins_anew()
    {
        // Out of reach, it goes on with the copy once the others have given this node up.
        _new.Keepers.Others.Remove(_third.Node);
        _new.Keepers.Silent = 1;
        Game(_old).Connect().Fill(2);
        MoveAway(_old);
        var gateway = Game(_new).Clear().Subscribe();
        _world.RunFor(_world.Options.MemoryClaimWait + _world.Options.HandoverWait);
        gateway.Single<Subscribed>().ShouldSatisfyAllConditions(s => s.Log.ShouldNotBe(_old.Keepers.State.Log), s => s.Head.ShouldBe(0));
        Head(_third).ShouldBe(2);
    }

    [Fact]
    public void Of_two_that_would_go_on_with_it_at_once_one_does_at_most()
    {
        _third.Keepers.Others.Add(_new.Node);
        _third.Keepers.Silent = 1;
        Game(_old).Connect().Fill(2);
        MoveAway(_old);
        Game(_third).Clear().Subscribe();
        _world.Run();
        Head(_new).ShouldBe(0);
    }

    [Fact]
    public void It_can_move_twice_within_the_time_for_which_states_are_kept()
    {
        _third.Keepers.Others.AddRange([_old.Node, _new.Node]);
        Game(_old).Connect().Fill(2);
        MoveAway(_old);
        Game(_new).Connect().Write("another");
        _world.RunFor(_world.Options.KeptFor - TimeSpan.FromSeconds(1));
        MoveAway(_new);
        _world.RunFor(TimeSpan.FromSeconds(2));
        Head(_third).ShouldBe(3);
    }

    [Fact]
    public void A_room_that_moves_on_before_it_knows_that_it_is_open_passes_on_what_it_got()
    {
        Game(_old).Connect().Fill(2);
        MoveAway(_old);

        // So many that a turn ends between the stop and the news.
        var room = _new.System.ActorOf(_new.Node.Entity("game:1"));
        room.Tell(new Subscribe("game:1", "gw", 8, []), ActorRefs.NoSender);
        for (var i = 1; i < 63; i++)
        {
            room.Tell(new ReadEvents("game:1", "gw", 8, i, 0, long.MaxValue, 1, Newest: false), ActorRefs.NoSender);
        }

        room.Tell(StopRoom.Instance, ActorRefs.NoSender);
        _world.Run();
        _new.Keepers.Offers[^1].State.ShouldBe(_old.Keepers.State with { Epoch = _old.Keepers.State.Epoch + 1 });
        Head(_third).ShouldBe(2);
    }

    [Fact]
    public void It_waits_longer_for_its_keepers_than_a_durable_room()
    {
        _old.Keepers.Silent = 1;
        Game(_old).Connect().Fill(1);
        _old.MoveAway();
        _world.RunFor(_world.Options.MemoryHandoverWait - TimeSpan.FromMilliseconds(1));
        _old.Node.Count.ShouldBe(1);
        _world.RunForMs(1);
        _old.Node.Count.ShouldBe(0);
    }

    private void MoveAway(Owner owner)
    {
        owner.MoveAway();
        _world.Run();
        owner.Node.Count.ShouldBe(0);
    }

    private long Head(Owner owner) => Subscribe(owner).Head;

    private long Epoch(Owner owner) => Subscribe(owner).Epoch;

    private Subscribed Subscribe(Owner owner)
    {
        var gateway = Game(owner).Clear().Subscribe();
        _world.Run();
        return gateway.Single<Subscribed>();
    }

    private TestGateway Game(Owner owner) => new(_world, owner, "gw", "game:1");
}
