using System.Globalization;
using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>A durable room moves from one owner to the next, with what is known of it.</summary>
public sealed class HandoverTests
{
    private readonly RoomWorld _world = new();
    private readonly Owner _old;
    private readonly Owner _new;

    public HandoverTests()
    {
        _old = new Owner(_world, 1, "old");
        _new = new Owner(_world, 2, "new");
    }

    [Fact]
    public void What_is_handed_over_is_used_when_the_journal_says_the_same()
    {
        Old().Connect(Make.Member("ann")).Fill(3);
        _old.MoveAway();
        _world.Run();
        var state = _old.Keepers.State;
        state.ShouldSatisfyAllConditions(
            s => s.Head.ShouldBe(3),
            s => s.Events.Select(e => e.Mid).ShouldBe(["fill0", "fill1", "fill2"]),
            s => s.Members!.ShouldHaveSingleItem().Members.ShouldBe([Make.Member("ann")]));

        _new.Node.Keep(Make.Room, state);
        var gateway = New().Subscribe(Make.Member("ann"));
        gateway.Read(0, 10);
        gateway.Write("fill1");
        _world.Run();
        gateway.Single<Subscribed>().ShouldSatisfyAllConditions(
            s => s.Log.ShouldBe(state.Log), s => s.Head.ShouldBe(3), s => s.Epoch.ShouldBeGreaterThan(state.Epoch));
        gateway.Single<EventPage>().Lines.Count.ShouldBe(3);
        gateway.Answers.ShouldHaveSingleItem().ShouldSatisfyAllConditions(a => a.Dup.ShouldBeTrue(), a => a.Seq.ShouldBe(2));
        (_world.Gate.Count(JournalOperation.Open), _world.Gate.Count(JournalOperation.Read)).ShouldBe((2, 0));
    }

    [Fact]
    public void Another_head_than_the_journals_is_refused_and_the_tail_read()
    {
        Old().Connect(Make.Member("ann")).Fill(3);
        _old.MoveAway();
        _world.Run();
        _world.CommitElsewhere("x", view: 2);

        _new.Node.Keep(Make.Room, _old.Keepers.State);
        var gateway = New().Subscribe();
        gateway.Read(0, 10);
        _world.Run();
        gateway.Single<Subscribed>().Head.ShouldBe(4);
        gateway.Single<EventPage>().Lines.Count.ShouldBe(4);
        (_world.Gate.Count(JournalOperation.Open), _world.Gate.Count(JournalOperation.Read)).ShouldBe((3, 0));
        gateway.All<PresenceChanged>().ShouldBeEmpty();
    }

    [Fact]
    public void Another_log_than_the_journals_is_refused()
    {
        Old().Connect().Fill(2);
        _old.MoveAway();
        _world.Run();
        _new.Node.Keep(Make.Room, _old.Keepers.State with { Log = "another" });
        var gateway = New().Subscribe();
        gateway.Read(0, 10);
        _world.Run();
        gateway.Single<Subscribed>().Log.ShouldNotBe("another");
        gateway.Single<EventPage>().Lines.Count.ShouldBe(2);
    }

    [Fact]
    public void More_events_than_the_head_says_are_refused()
    {
        Old().Connect().Fill(2);
        _old.MoveAway();
        _world.Run();
        var state = _old.Keepers.State;
        _new.Node.Keep(Make.Room, state with { Events = [.. state.Events, .. state.Events] });
        var gateway = New().Subscribe();
        gateway.Read(0, 10);
        _world.Run();
        gateway.Single<EventPage>().ShouldSatisfyAllConditions(p => p.FirstSeq.ShouldBe(1), p => p.Lines.Count.ShouldBe(2));
    }

    [Fact]
    public void A_room_that_moves_stops_when_all_keepers_have_answered()
    {
        _old.Keepers.Silent = 2;
        var gateway = Old().Connect().Fill(2);
        _old.MoveAway();
        _world.RunForMs(100);
        var offer = _old.Keepers.Offers.ShouldHaveSingleItem();
        offer.Answer();
        _world.Run();
        gateway.Told.ShouldBeEmpty();
        _old.Node.Count.ShouldBe(1);

        offer.Answer();
        _world.Run();
        gateway.Told.ShouldHaveSingleItem().ShouldBeOfType<StreamEnded>();
        _old.Node.Count.ShouldBe(0);
    }

    [Fact]
    public void It_waits_for_keepers_no_longer_than_it_may()
    {
        _old.Keepers.Silent = 2;
        var gateway = Old().Connect().Fill(2);
        _old.MoveAway();
        _world.Run();
        _old.Keepers.Offers[0].Answer();
        _world.RunFor(_world.Options.HandoverWait - TimeSpan.FromMilliseconds(1));
        gateway.Told.ShouldBeEmpty();
        _world.RunForMs(1);
        gateway.Single<StreamEnded>();
    }

    [Fact]
    public void The_answers_of_an_earlier_request_count_for_nothing()
    {
        _old.Keepers.Silent = 1;
        var gateway = Old().Connect().Fill(2);
        _old.MoveAway();
        _world.Run();
        var offer = _old.Keepers.Offers[0];
        (offer with { Request = offer.Request - 1 }).Answer();
        _world.Run();
        gateway.Told.ShouldBeEmpty();
    }

    [Fact]
    public void An_answer_that_comes_when_the_room_has_gone_reaches_no_later_activation()
    {
        _old.Keepers.Silent = 1;
        Old().Connect().Fill(2);
        _old.MoveAway();
        _world.RunFor(_world.Options.HandoverWait);
        var late = _old.Keepers.Offers[0];
        var gateway = Old().Connect();
        late.Answer();
        _world.Run();
        _old.MoveAway();
        late.Answer();
        _world.Run();
        gateway.Told.ShouldBeEmpty();
        _old.Keepers.Offers.Count.ShouldBe(2);
    }

    [Fact]
    public void A_room_that_waits_for_keepers_begins_nothing_any_more()
    {
        _old.Keepers.Silent = 1;
        var gateway = Old().Connect().Fill(2);
        _old.MoveAway();
        _world.Run();

        // Told directly: through the region nothing comes any more.
        var room = _old.Keepers.Offers[0].Actor;
        room.Tell(Make.Write("ann", "late", gateway: "gw", stream: gateway.Stream, number: 3), ActorRefs.NoSender);
        room.Tell(new Enter(Make.Room, "gw", gateway.Stream, 1, null, new Position(_old.Keepers.State.Log, 9), 1), ActorRefs.NoSender);
        room.Tell(new Subscribe(Make.Room, "gw3", 1, [], Epoch: 5), ActorRefs.NoSender);
        _world.RunFor(TimeSpan.FromSeconds(1));
        (_world.Gate.Count(JournalOperation.Open), _world.Gate.Count(JournalOperation.Append)).ShouldBe((1, 1));
        gateway.Answers.ShouldBeEmpty();
        gateway.Told.Last().ShouldBeOfType<StreamEnded>();
        _world.Links.For("gw3").Last().ShouldBeOfType<StreamEnded>();
    }

    [Fact]
    public void A_room_that_could_not_be_opened_does_not_try_again_while_it_waits_for_keepers()
    {
        _new.Node.Keep(Make.Room, new RoomHandover("log", 1, 2, [], [], null, []));
        _new.Keepers.Silent = 1;
        _world.Journal.IsAway = true;
        New().Subscribe();
        _world.Run();
        _world.Journal.IsAway = false;
        _new.MoveAway();
        _world.RunFor(_world.Options.HandoverWait);
        _new.Keepers.State.Head.ShouldBe(2);
        _new.Node.Count.ShouldBe(0);
        _world.Store.Find(Make.Room).ShouldBeNull();
    }

    [Fact]
    public void A_room_that_failed_and_is_to_go_before_anybody_asks_for_it_opens_nothing()
    {
        var gateway = Old().Connect().Fill(1);
        _world.Links.ThrowOn = m => m is EventPage;
        gateway.Read(0, 10);
        _world.Run();
        _old.MoveAway();
        _world.Run();
        _old.Node.Count.ShouldBe(0);
        _world.Gate.Count(JournalOperation.Open).ShouldBe(1);
    }

    [Fact]
    public void A_room_that_rests_tells_keepers_nothing()
    {
        Old().Connect(Make.Member("ann")).Fill(2).Unsubscribe();
        _world.RunFor(_world.Options.IdleAfter * 2);
        _old.Node.Count.ShouldBe(0);
        _old.Keepers.Offers.ShouldBeEmpty();
    }

    [Fact]
    public void An_append_under_way_is_finished_and_answered_before_the_room_is_handed_over()
    {
        var gateway = Old().Connect();
        _world.Gate.Stop(JournalOperation.Append, JournalStage.Answer);
        gateway.Write("a");
        _world.Run();
        gateway.Write("b", oldest: 1);
        _old.MoveAway();
        _world.Run();
        _old.Keepers.Offers.ShouldBeEmpty();

        _world.Gate.Release(JournalOperation.Append);
        _world.Run();
        gateway.Answers.Select(a => a.Number).ShouldBe([1]);
        gateway.Told.Last().ShouldBeOfType<StreamEnded>();
        _old.Keepers.State.Head.ShouldBe(1);
        _world.Stored.Select(e => e.Mid).ShouldBe(["a"]);
    }

    [Theory]
    [InlineData(JournalStage.Request, 1)]
    [InlineData(JournalStage.Request, 2)]
    [InlineData(JournalStage.Answer, 1)]
    [InlineData(JournalStage.Answer, 2)]
    [InlineData(JournalStage.Answer, 3)]
    public void Nothing_acked_is_lost_when_an_append_races_with_the_next_owner(JournalStage stage, int seed)
    {
        var world = new RoomWorld(seed: seed);
        var (old, next) = (new Owner(world, 1, "old"), new Owner(world, 2, "new"));
        var before = new TestGateway(world, old, "gw", Make.Room).Connect();
        world.Gate.Stop(JournalOperation.Append, stage);
        before.Write("a");
        world.Run();
        world.Gate.Open();
        old.MoveAway();
        var after = new TestGateway(world, next, "gw2", Make.Room).Subscribe();
        after.Write("a");
        after.Write("b", oldest: 1);
        world.RunForMs(300);
        world.Gate.Release(JournalOperation.Append);
        world.RunForMs(1000);

        world.Stored.Select(e => e.Mid).ShouldBe(["a", "b"]);
        after.Answers.Select(a => (a.Number, a.Seq)).ShouldBe([(1, 1), (2, 2)]);
        before.Answers.ShouldAllBe(a => a.Error != null || a.Seq == 1);
        old.Node.Count.ShouldBe(0);
    }

    [Fact]
    public void A_room_that_moves_on_before_it_is_open_passes_on_what_it_got()
    {
        Old().Connect().Fill(2);
        _old.MoveAway();
        _world.Run();
        _world.Gate.Stop(JournalOperation.Open, JournalStage.Request);
        _new.Node.Keep(Make.Room, _old.Keepers.State);
        New().Subscribe();
        _world.Run();
        _new.MoveAway();
        _world.Run();
        _new.Keepers.State.ShouldBe(_old.Keepers.State);
        _new.Node.Count.ShouldBe(0);
    }

    [Fact]
    public void A_room_without_subscribers_is_not_handed_over()
    {
        Old().Connect().Fill(2).Unsubscribe();
        _world.Run();
        _old.MoveAway();
        _world.Run();
        _old.Keepers.Offers.ShouldBeEmpty();
        _old.Node.Count.ShouldBe(0);
    }

    [Fact]
    public void Only_so_many_bytes_are_handed_over_the_newest_first()
    {
        var world = new RoomWorld(o => o.HandoverBytes = 8000);
        var old = new Owner(world, 1, "old");
        new TestGateway(world, old, "gw", Make.Room).Connect(Make.Member("ann")).Fill(20, bytes: 500);
        old.MoveAway();
        world.Run();
        old.Keepers.State.ShouldSatisfyAllConditions(
            s => s.Events.Count.ShouldBeInRange(8, 13),
            s => s.Events[^1].Mid.ShouldBe("fill19"),
            s => s.Events.Sum(e => e.Line.Length).ShouldBeLessThan(8000),
            s => s.Writes.Select(w => w.Seq).ShouldBe(Enumerable.Range(1, s.Writes.Count).Select(i => s.Head - s.Events.Count - s.Writes.Count + i)));
    }

    [Fact]
    public void Too_many_members_to_hand_over_are_left_out()
    {
        var world = new RoomWorld(o => o.HandoverBytes = 3000);
        var old = new Owner(world, 1, "old");
        var members = Enumerable.Range(0, 100).Select(i => Make.Member("m" + i.ToString(CultureInfo.InvariantCulture)));
        new TestGateway(world, old, "gw", Make.Room).Connect([.. members]).Fill(2);
        old.MoveAway();
        world.Run();
        old.Keepers.State.ShouldSatisfyAllConditions(s => s.Members.ShouldBeNull(), s => s.Events.Count.ShouldBe(2));
    }

    [Fact]
    public void An_activation_that_a_gateway_knows_to_be_replaced_takes_a_higher_number_or_goes()
    {
        var gateway = Old().Connect().Fill(1);
        gateway.Tell(new Subscribe(Make.Room, "gw", 100, [], Epoch: 2));
        _world.Run();
        _world.Gate.Count(JournalOperation.Open).ShouldBe(2);
        gateway.Tell(new Subscribe(Make.Room, "gw", 101, [], Epoch: 2));
        _world.Run();
        gateway.All<Subscribed>().Last().Epoch.ShouldBe(2);
        _world.Gate.Count(JournalOperation.Open).ShouldBe(2);

        New().Connect();
        gateway.Clear().Tell(new Subscribe(Make.Room, "gw", 102, [], Epoch: 3));
        _world.Run();
        gateway.Told.Last().ShouldBeOfType<StreamEnded>();
        _old.Node.Count.ShouldBe(0);
    }

    private TestGateway Old(string name = "gw") => new(_world, _old, name, Make.Room);

    private TestGateway New(string name = "gw2") => new(_world, _new, name, Make.Room);
}
