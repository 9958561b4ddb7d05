using System.Globalization;
using ClusterChat.Cluster;
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
        var state = _old.Handovers.State;
        state.ShouldSatisfyAllConditions(
            s => s.Head.ShouldBe(3),
            s => s.Events.Select(e => e.Mid).ShouldBe(["fill0", "fill1", "fill2"]),
            s => s.Members!.ShouldHaveSingleItem().Members.ShouldBe([Make.Member("ann")]));

        _new.Region.TakeOver(Make.Room, state);
        _world.Run();
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

        _new.Region.TakeOver(Make.Room, _old.Handovers.State);
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
        _new.Region.TakeOver(Make.Room, _old.Handovers.State with { Log = "another" });
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
        var state = _old.Handovers.State;
        _new.Region.TakeOver(Make.Room, state with { Events = [.. state.Events, .. state.Events] });
        var gateway = New().Subscribe();
        gateway.Read(0, 10);
        _world.Run();
        gateway.Single<EventPage>().ShouldSatisfyAllConditions(p => p.FirstSeq.ShouldBe(1), p => p.Lines.Count.ShouldBe(2));
    }

    [Fact]
    public void A_room_that_is_asked_for_first_waits_for_its_earlier_owner()
    {
        Old().Connect().Fill(2);
        _new.Handovers.HasEarlierOwner = true;
        var gateway = New().Subscribe();
        _world.RunForMs(100);
        gateway.Told.ShouldBeEmpty();
        _new.Handovers.Asked.ShouldBe([Make.Room]);

        _old.Region.GiveUp(Make.Room);
        _world.Run();
        _new.Region.TakeOver(Make.Room, _old.Handovers.State);
        _world.Run();
        gateway.Single<Subscribed>().Head.ShouldBe(2);
    }

    [Fact]
    public void It_waits_no_longer_than_it_may_and_a_late_state_changes_nothing()
    {
        Old().Connect().Fill(2);
        _old.MoveAway();
        _world.Run();
        _new.Handovers.HasEarlierOwner = true;
        var gateway = New().Subscribe();
        _world.RunForMs(260);
        gateway.Single<Subscribed>().Head.ShouldBe(2);
        gateway.Clear().Write("a");
        _world.Run();
        _new.Region.TakeOver(Make.Room, _old.Handovers.State);
        gateway.Write("b");
        _world.Run();
        gateway.Answers.Select(a => a.Seq).ShouldBe([3, 4]);
        _world.Gate.Count(JournalOperation.Open).ShouldBe(2);
    }

    [Fact]
    public void Nothing_at_the_earlier_owner_ends_the_waiting_at_once()
    {
        _new.Handovers.HasEarlierOwner = true;
        var gateway = New().Subscribe();
        _world.Run();
        _old.Region.GiveUp(Make.Room);
        _old.Handovers.Sent.ShouldBe([(Make.Room, null)]);
        _new.Region.TakeOver(Make.Room, null);
        _world.Run();
        gateway.Single<Subscribed>();
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
        _old.Handovers.Sent.ShouldBeEmpty();

        _world.Gate.Release(JournalOperation.Append);
        _world.Run();
        gateway.Answers.Select(a => a.Number).ShouldBe([1]);
        gateway.Told.Last().ShouldBeOfType<StreamEnded>();
        _old.Handovers.State.Head.ShouldBe(1);
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
        var before = new TestGateway(world, "gw", Make.Room) { Region = old.Region }.Connect();
        world.Gate.Stop(JournalOperation.Append, stage);
        before.Write("a");
        world.Run();
        world.Gate.Open();
        old.MoveAway();
        next.Handovers.HasEarlierOwner = true;
        var after = new TestGateway(world, "gw2", Make.Room) { Region = next.Region }.Subscribe();
        after.Write("a");
        after.Write("b", oldest: 1);
        world.RunForMs(300);
        world.Gate.Release(JournalOperation.Append);
        world.Run();
        next.Region.TakeOver(Make.Room, old.Handovers.State);
        world.RunForMs(1000);

        world.Stored.Select(e => e.Mid).ShouldBe(["a", "b"]);
        after.Answers.Select(a => (a.Number, a.Seq)).ShouldBe([(1, 1), (2, 2)]);
        before.Answers.ShouldAllBe(a => a.Error != null || a.Seq == 1);
        old.Region.Count.ShouldBe(0);
    }

    [Fact]
    public void A_full_way_is_tried_again_and_then_given_up()
    {
        var gateway = Old().Connect().Fill(1);
        _old.Handovers.Result = HandoverResult.Full;
        _old.Region.GiveUp(Make.Room);
        _world.RunForMs(100);
        gateway.Told.ShouldBeEmpty();
        _old.Handovers.Result = HandoverResult.Sent;
        _world.RunForMs(100);
        _old.Handovers.State.Head.ShouldBe(1);

        var (full, other) = (new Owner(_world, 3, "full"), new TestGateway(_world, "gw3", Make.Room));
        full.Handovers.Result = HandoverResult.Full;
        full.Region.Deliver(new Subscribe(Make.Room, "gw3", 1, []));
        _world.Run();
        full.Region.GiveUp(Make.Room);
        _world.RunForMs(500);
        full.Handovers.Sent.ShouldBe([(Make.Room, null)]);
        full.Region.Count.ShouldBe(0);
        other.Single<StreamEnded>();
    }

    [Fact]
    public void A_room_that_comes_back_before_it_has_gone_goes_on()
    {
        var gateway = Old().Connect().Fill(1);
        _old.Handovers.Result = HandoverResult.Returned;
        _old.MoveAway();
        _world.Run();
        gateway.Write("b");
        _world.Run();
        gateway.Told.OfType<StreamEnded>().ShouldBeEmpty();
        gateway.Answers.ShouldHaveSingleItem().Seq.ShouldBe(2);
    }

    [Fact]
    public void A_room_that_moves_on_before_it_is_open_passes_on_what_it_got()
    {
        Old().Connect().Fill(2);
        _old.MoveAway();
        _world.Run();
        _world.Gate.Stop(JournalOperation.Open, JournalStage.Request);
        _new.Region.TakeOver(Make.Room, _old.Handovers.State);
        _world.Run();
        _new.MoveAway();
        _world.Run();
        _new.Handovers.State.ShouldBe(_old.Handovers.State);
        _new.Region.Count.ShouldBe(0);
    }

    [Fact]
    public void A_room_without_subscribers_is_not_handed_over()
    {
        Old().Connect().Fill(2).Unsubscribe();
        _world.Run();
        _old.MoveAway();
        _world.Run();
        _old.Handovers.Sent.ShouldBeEmpty();
        _old.Region.Count.ShouldBe(0);
    }

    [Fact]
    public void Only_so_many_bytes_are_handed_over_the_newest_first()
    {
        var world = new RoomWorld(o => o.HandoverBytes = 8000);
        var old = new Owner(world, 1, "old");
        new TestGateway(world, "gw", Make.Room) { Region = old.Region }.Connect(Make.Member("ann")).Fill(20, bytes: 500);
        old.MoveAway();
        world.Run();
        old.Handovers.State.ShouldSatisfyAllConditions(
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
        new TestGateway(world, "gw", Make.Room) { Region = old.Region }.Connect([.. members]).Fill(2);
        old.MoveAway();
        world.Run();
        old.Handovers.State.ShouldSatisfyAllConditions(s => s.Members.ShouldBeNull(), s => s.Events.Count.ShouldBe(2));
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
        _old.Region.Count.ShouldBe(0);
    }

    private TestGateway Old(string name = "gw") => new(_world, name, Make.Room) { Region = _old.Region };

    private TestGateway New(string name = "gw2") => new(_world, name, Make.Room) { Region = _new.Region };
}
