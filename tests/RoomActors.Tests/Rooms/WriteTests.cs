using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>A room's actor and its writes, while all is well and while the journal is not.</summary>
public sealed class WriteTests
{
    private readonly RoomWorld _world = new();

    [Fact]
    public void A_write_is_acked_and_its_event_goes_to_every_gateway_once()
    {
        var one = _world.Gateway("gw1").Connect();
        var two = _world.Gateway("gw2").Connect();
        one.Write("a");
        _world.Run();

        one.Answers.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            a => a.Seq.ShouldBe(1), a => a.Dup.ShouldBeFalse(), a => a.Error.ShouldBeNull(), a => a.Ts.ShouldBe(_world.Stored[0].Ts));
        two.Answers.ShouldBeEmpty();
        one.Events.ShouldBe([1]);
        two.Events.ShouldBe([1]);
        Make.Text(two.Single<EventsCommitted>().Lines[0]).ShouldBe(Make.Text(_world.Stored[0].Line));
    }

    [Fact]
    public void Writes_that_come_together_are_answered_each_and_in_order_also_where_the_room_has_to_open_first()
    {
        var gateway = _world.Gateway().Subscribe();
        gateway.WriteTogether("a", "b");
        _world.Run();
        gateway.WriteTogether("c", "a");
        _world.Run();

        gateway.Answers.Select(a => (a.Number, a.Seq, a.Dup)).ShouldBe([(1, 1, false), (2, 2, false), (3, 3, false), (4, 1, true)]);
        gateway.Events.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void Before_the_commit_there_is_no_ack_no_event_and_nothing_to_read()
    {
        var gateway = _world.Gateway().Connect();
        _world.Gate.Stop(JournalOperation.Append, JournalStage.Request);
        gateway.Write("a");
        gateway.Read(0, 10);
        _world.Run();
        gateway.Told.ShouldHaveSingleItem().ShouldBeOfType<EventPage>().Lines.ShouldBeEmpty();

        _world.Gate.Release(JournalOperation.Append);
        _world.Run();
        gateway.Answers.ShouldHaveSingleItem().Seq.ShouldBe(1);
        gateway.Events.ShouldBe([1]);
    }

    [Fact]
    public void What_comes_during_a_commit_is_committed_together_with_the_next()
    {
        var gateway = _world.Gateway().Connect();
        _world.Gate.Stop(JournalOperation.Append, JournalStage.Answer);
        gateway.Write("a");
        _world.Run();
        gateway.Write("b");
        gateway.Write("c");
        gateway.Write("d");
        _world.Run();
        _world.Gate.Count(JournalOperation.Append).ShouldBe(1);
        _world.Gate.Open();
        _world.Gate.Release(JournalOperation.Append);
        _world.Run();
        _world.Gate.Count(JournalOperation.Append).ShouldBe(2);
        gateway.Events.ShouldBe([1, 2, 3, 4]);
        gateway.Answers.Select(a => a.Seq).ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void A_repeated_mid_gets_the_same_ack_also_while_its_first_one_is_being_committed()
    {
        var one = _world.Gateway("gw1").Connect();
        var two = _world.Gateway("gw2").Connect();
        _world.Gate.Stop(JournalOperation.Append, JournalStage.Answer);
        one.Write("a", "first");
        _world.Run();
        two.Write("a", "second");
        _world.Run();
        two.Told.ShouldBeEmpty();
        _world.Gate.Open();
        _world.Gate.Release(JournalOperation.Append);
        _world.Run();

        var first = one.Answers.ShouldHaveSingleItem();
        var repeat = two.Answers.ShouldHaveSingleItem();
        (repeat.Seq, repeat.Ts, repeat.Dup).ShouldBe((first.Seq, first.Ts, true));
        _world.Stored.Count.ShouldBe(1);
        two.Events.ShouldBe([1]);
    }

    [Theory]
    [InlineData(JournalFault.FailBefore)]
    [InlineData(JournalFault.FailAfter)]
    [InlineData(JournalFault.Late)]
    public void After_an_unknown_outcome_the_write_is_there_once_and_acked(JournalFault fault)
    {
        var gateway = _world.Gateway().Connect();
        _world.Gate.Fail(JournalOperation.Append, fault);
        gateway.Write("a");
        gateway.Write("b", oldest: 1);
        _world.Run();
        foreach (var held in _world.Journal.Held)
            held.ReleaseAsync().IsCompletedSuccessfully.ShouldBeTrue();
        _world.Run();

        _world.Stored.Select(e => e.Mid).ShouldBe(["a", "b"]);
        gateway.Events.ShouldBe([1, 2]);
        gateway.Answers.Select(a => (a.Number, a.Seq, a.Error)).ShouldBe([(1, 1, null), (2, 2, null)]);
        _world.Store.Find(Make.Room)!.Epoch.ShouldBe(2);
    }

    [Fact]
    public void A_fenced_room_opens_again_publishes_what_another_owner_wrote_and_goes_on_after_it()
    {
        var gateway = _world.Gateway().Connect();
        _world.CommitElsewhere("x");
        gateway.Write("a");
        _world.Run();

        gateway.Events.ShouldBe([1, 2]);
        gateway.Answers.ShouldHaveSingleItem().Seq.ShouldBe(2);
        _world.Stored.Select(e => e.Mid).ShouldBe(["x", "a"]);
    }

    [Fact]
    public void While_a_room_is_being_opened_again_what_is_known_is_read()
    {
        var gateway = _world.Gateway().Connect().Fill(3);
        _world.Gate.Fail(JournalOperation.Append, JournalFault.FailAfter);
        _world.Gate.Stop(JournalOperation.Open, JournalStage.Request);
        gateway.Write("a");
        _world.Run();
        gateway.Read(0, 10);
        _world.Run();
        gateway.Told.ShouldHaveSingleItem().ShouldBeOfType<EventPage>().EndSeq.ShouldBe(3);
        _world.Gate.Open();
        _world.Gate.Release(JournalOperation.Open);
        _world.Run();
        gateway.Events.ShouldBe([4]);
        gateway.Answers.ShouldHaveSingleItem().Seq.ShouldBe(4);
    }

    [Fact]
    public void A_repeat_that_only_the_journal_knows_gets_the_first_ones_ack()
    {
        var world = new RoomWorld(o => (o.MidWindow, o.MaxBatchWrites, o.TailEvents) = (1, 3, 2));
        var gateway = world.Gateway().Connect();
        gateway.Write("old");
        world.Run();
        var first = gateway.Answers.Single();
        gateway.Clear().Fill(5);

        gateway.Write("new1");
        gateway.Write("old", oldest: 7);
        gateway.Write("new2", oldest: 7);
        world.Run();
        gateway.Answers.Select(a => (a.Seq, a.Dup)).ShouldBe([(7, false), (1, true), (8, false)]);
        gateway.Answers.ElementAt(1).Ts.ShouldBe(first.Ts);
        gateway.Events.ShouldBe([7, 8]);
        world.Stored.Count.ShouldBe(8);
    }

    [Fact]
    public void Repeats_of_more_writes_than_the_window_holds_are_all_answered()
    {
        var world = new RoomWorld(o => (o.MidWindow, o.MaxBatchWrites, o.TailEvents) = (1, 3, 2));
        var gateway = world.Gateway().Connect().Fill(10);
        for (var i = 0; i < 10; i++)
            gateway.Write("fill" + i, oldest: 11);
        world.Run();
        gateway.Answers.Select(a => (a.Seq, a.Dup)).ShouldBe(Enumerable.Range(1, 10).Select(n => ((long)n, true)));
        world.Stored.Count.ShouldBe(10);
    }

    [Fact]
    public void A_write_that_the_store_rejects_does_not_hurt_those_beside_it()
    {
        var gateway = _world.Gateway().Connect();
        _world.Gate.Stop(JournalOperation.Append, JournalStage.Answer);
        gateway.Write("first");
        _world.Run();

        // The store takes no NUL in an id, whatever the gateway let through.
        gateway.Write("good1", oldest: 2);
        gateway.Write("bad\0", oldest: 2);
        gateway.Write("good2", oldest: 2);
        _world.Gate.Open();
        _world.Gate.Release(JournalOperation.Append);
        _world.Run();

        gateway.Answers.Select(a => (a.Number, a.Seq, a.Error?.Code)).ShouldBe(
            [(1, 1, null), (2, 2, null), (3, 0, ErrorCode.BadRequest), (4, 3, null)]);
        gateway.Events.ShouldBe([1, 2, 3]);
        _world.Stored.Select(e => e.Mid).ShouldBe(["first", "good1", "good2"]);

        gateway.Write("later1");
        gateway.Write("later2", oldest: 5);
        _world.Run();
        gateway.Answers.Select(a => a.Seq).TakeLast(2).ShouldBe([4, 5]);
    }

    [Fact]
    public void A_visitor_may_not_take_a_members_name()
    {
        var gateway = _world.Gateway().Connect(Make.Member("u1", "ann"));
        gateway.Write("a", author: "ann", visitor: true);
        gateway.Write("b", author: "bob", visitor: true);
        _world.Run();
        gateway.Answers.Select(a => a.Error?.Code).ShouldBe([ErrorCode.NameTaken, null]);
        _world.Stored.ShouldHaveSingleItem().Author.ShouldBe("bob");
    }

    [Fact]
    public void A_visitors_repeat_gets_its_ack_also_when_somebody_came_under_the_name_meanwhile()
    {
        var gateway = _world.Gateway().Connect();
        gateway.Write("a", author: "bob", visitor: true);
        _world.Run();
        gateway.Clear().Enter(Make.Member("u2", "bob"));
        gateway.Write("a", author: "bob", visitor: true);
        _world.Run();
        gateway.Answers.ShouldHaveSingleItem().ShouldSatisfyAllConditions(a => a.Seq.ShouldBe(1), a => a.Dup.ShouldBeTrue());
    }

    [Fact]
    public void Over_its_limit_a_room_is_busy_and_takes_no_later_write_before_the_refused_one()
    {
        var world = new RoomWorld(o => o.MaxWaitingWrites = 2);
        var gateway = world.Gateway().Connect();
        world.Gate.Stop(JournalOperation.Append, JournalStage.Request);
        gateway.Write("a");
        world.Run();
        foreach (var mid in new[] { "b", "c", "d" })
            gateway.Write(mid, oldest: 1);
        world.Run();
        gateway.Answers.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            a => a.Number.ShouldBe(4), a => a.Error!.Code.ShouldBe(ErrorCode.Busy));

        world.Gate.Open();
        world.Gate.Release(JournalOperation.Append);
        gateway.Write("e", oldest: 1);
        world.Run();
        world.Stored.Select(e => e.Mid).ShouldBe(["a", "b", "c"]);
        gateway.Resend(4, "d", oldest: 4);
        gateway.Resend(5, "e", oldest: 4);
        world.Run();
        world.Stored.Select(e => e.Mid).ShouldBe(["a", "b", "c", "d", "e"]);
    }

    [Fact]
    public void Without_space_what_comes_is_refused_for_longer_and_what_was_written_is_still_known()
    {
        var gateway = _world.Gateway().Connect();
        gateway.Write("a");
        _world.Run();
        gateway.Clear();
        _world.IsFull = true;
        gateway.WriteTogether("b", "c");
        gateway.Resend(9, "a");
        _world.Run();

        gateway.Answers.Where(a => a.Error is not null).Select(a => (a.Number, a.Error!.Code)).ShouldBe([(2, ErrorCode.Unavailable), (3, ErrorCode.Unavailable)]);
        gateway.Answers.ShouldContain(a => a.Number == 9 && a.Dup && a.Seq == 1);
        gateway.Answers.First(a => a.Error is not null).Error!.RetryMs.ShouldBeGreaterThanOrEqualTo(ErrorCodes.LastingRetryMs);
        gateway.Clear().Read(0, 10);
        _world.Run();
        gateway.Single<EventPage>().Lines.Count.ShouldBe(1, "all can be read");

        _world.IsFull = false;
        gateway.Resend(10, "b");
        gateway.Resend(11, "c", oldest: 10);
        _world.Run();
        _world.Stored.Select(e => e.Mid).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public void A_memory_room_needs_no_space()
    {
        var world = new RoomWorld(o => o.Memory.Add("lobby")) { IsFull = true };
        var gateway = world.Gateway().Connect();
        gateway.Write("a");
        world.Run();
        gateway.Answers.ShouldHaveSingleItem().Error.ShouldBeNull();
    }

    [Fact]
    public void A_new_stream_lets_go_of_the_old_ones_writes_and_takes_them_again_without_doubling()
    {
        var gateway = _world.Gateway().Connect();
        _world.Gate.Stop(JournalOperation.Append, JournalStage.Answer);
        gateway.Write("a");
        gateway.Write("b", oldest: 1);
        _world.Run();
        gateway.Write("c", oldest: 1);
        _world.Run();
        gateway.Subscribe();
        foreach (var (number, mid) in new[] { (1, "a"), (2, "b"), (3, "c") })
            gateway.Resend(number, mid, oldest: 1);
        _world.Run();
        _world.Gate.Open();
        _world.Gate.Release(JournalOperation.Append);
        _world.Run();
        _world.Stored.Select(e => e.Mid).ShouldBe(["a", "b", "c"]);
        gateway.All<WritesDone>().Where(d => d.Stream == 2).SelectMany(d => d.Writes).Select(w => w.Seq).ShouldBe([1, 2, 3]);
        gateway.Events.ShouldBe([1, 2, 3]);
    }
}
