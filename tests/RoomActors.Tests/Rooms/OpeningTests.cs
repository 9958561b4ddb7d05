using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>Taking a room over: the first time, again, in vain, and while things are under way.</summary>
public sealed class OpeningTests
{
    private readonly RoomWorld _world = new();

    [Fact]
    public void What_comes_while_a_room_opens_is_answered_in_order_when_it_is_open()
    {
        _world.Gate.Stop(JournalOperation.Open, JournalStage.Answer);
        var gateway = _world.Gateway().Subscribe();
        gateway.Enter(Make.Member("ann"));
        gateway.Write("a");
        _world.Run();
        gateway.Told.ShouldBeEmpty();

        _world.Gate.Release(JournalOperation.Open);
        _world.Run();
        gateway.Told.Select(m => m.GetType()).ShouldBe(
            [typeof(Subscribed), typeof(EventPage), typeof(PresenceChanged), typeof(WritesDone), typeof(EventsCommitted)], ignoreOrder: true);
        gateway.Told[0].ShouldBeOfType<Subscribed>();
    }

    [Fact]
    public void What_a_gateway_asked_that_is_gone_before_the_room_is_open_counts_for_nothing()
    {
        _world.Gate.Stop(JournalOperation.Open, JournalStage.Answer);
        var gone = _world.Gateway("gw1").Subscribe();
        gone.Enter(Make.Member("ann"));
        var other = _world.Gateway("gw2").Subscribe();
        _world.Run();
        _world.Node.RemoveGateway("gw1");
        _world.Run();
        _world.Gate.Release(JournalOperation.Open);
        _world.Run();

        other.Enter(Make.Member("bob"));
        _world.Run();
        other.Single<EventPage>().Members.ShouldBe(["bob"]);
    }

    [Fact]
    public void A_journal_that_is_away_refuses_for_now_and_the_room_opens_when_it_is_back()
    {
        _world.Gate.Stop(JournalOperation.Open, JournalStage.Answer);
        var gateway = _world.Gateway().Subscribe();
        gateway.Enter(Make.Member("ann"));
        gateway.Write("a");
        gateway.Read(0, 10);
        gateway.List("", 10);
        _world.Journal.IsAway = true;
        _world.Run();
        _world.Gate.Open();
        _world.Gate.Release(JournalOperation.Open);
        _world.Run();
        gateway.Single<StreamEnded>();
        gateway.All<Refused>().Select(r => (r.Request, r.Error.Code)).ShouldBe(
            [(1, ErrorCode.Unavailable), (2, ErrorCode.Unavailable), (3, ErrorCode.Unavailable)]);
        gateway.Answers.ShouldHaveSingleItem().Error!.Code.ShouldBe(ErrorCode.Unavailable);

        _world.RunFor(TimeSpan.FromSeconds(5));
        _world.Journal.IsAway = false;
        _world.RunFor(TimeSpan.FromSeconds(2));
        gateway.Connect();
        gateway.Write("a");
        _world.Run();
        gateway.Answers.ShouldHaveSingleItem().Seq.ShouldBe(1);
    }

    [Fact]
    public void Writes_in_flight_when_the_journal_goes_away_are_given_back_in_order_and_taken_again()
    {
        var gateway = _world.Gateway().Connect();
        _world.Journal.IsAway = true;
        gateway.Write("a");
        gateway.Write("b", oldest: 1);
        _world.Run();
        gateway.Answers.Select(a => (a.Number, a.Error!.Code)).ShouldBe([(1, ErrorCode.Unavailable), (2, ErrorCode.Unavailable)]);

        _world.Journal.IsAway = false;
        gateway.Clear().Resend(2, "b", oldest: 1);
        gateway.Resend(1, "a", oldest: 1);
        gateway.Resend(2, "b", oldest: 1);
        _world.RunFor(TimeSpan.FromSeconds(1));
        _world.Stored.Select(e => e.Mid).ShouldBe(["a", "b"]);
        gateway.Events.ShouldBe([1, 2]);
    }

    [Fact]
    public void The_pause_before_the_next_attempt_grows()
    {
        _world.Journal.IsAway = true;
        _world.Gateway().Subscribe();
        _world.RunFor(TimeSpan.FromSeconds(3.2));

        // At 0, 100, 300, 700, 1500 and 3100 ms; calls that never reach the store are not decided upon.
        _world.Gateway("gw2").Subscribe();
        _world.Journal.IsAway = false;
        _world.RunFor(TimeSpan.FromSeconds(1.4));
        _world.Gate.Count(JournalOperation.Open).ShouldBe(0);
        _world.RunFor(TimeSpan.FromSeconds(0.2));
        _world.Gate.Count(JournalOperation.Open).ShouldBe(1);
    }

    [Fact]
    public void A_since_beyond_the_head_makes_the_room_look_again_before_it_answers()
    {
        var gateway = _world.Gateway().Connect();
        _world.CommitElsewhere("x");
        _world.CommitElsewhere("y");
        gateway.Enter(Make.Member("ann"), new Position("log-00000001", 1));
        _world.Run();
        gateway.Events.ShouldBe([1, 2]);
        gateway.Single<EventPage>().ShouldSatisfyAllConditions(
            p => p.Recovered.ShouldBeTrue(), p => p.FirstSeq.ShouldBe(2), p => p.EndSeq.ShouldBe(2), p => p.More.ShouldBeFalse());
    }

    [Fact]
    public void A_since_beyond_the_true_end_gets_the_newest_page_and_is_told_so()
    {
        var gateway = _world.Gateway().Connect().Fill(3);
        gateway.Enter(Make.Member("ann"), new Position("log-00000001", 9), limit: 2);
        _world.Run();
        gateway.Single<EventPage>().ShouldSatisfyAllConditions(
            p => p.Recovered.ShouldBeFalse(), p => p.FirstSeq.ShouldBe(2), p => p.EndSeq.ShouldBe(3));
        _world.Gate.Count(JournalOperation.Open).ShouldBe(2);
    }

    [Fact]
    public void A_since_of_another_log_gets_the_newest_page_without_a_look()
    {
        var gateway = _world.Gateway().Connect().Fill(3);
        gateway.Enter(Make.Member("ann"), new Position("other", 900));
        _world.Run();
        gateway.Single<EventPage>().ShouldSatisfyAllConditions(p => p.Recovered.ShouldBeFalse(), p => p.EndSeq.ShouldBe(3));
        _world.Gate.Count(JournalOperation.Open).ShouldBe(1);
    }

    [Theory]
    [InlineData(JournalStage.Request, 1)]
    [InlineData(JournalStage.Request, 2)]
    [InlineData(JournalStage.Answer, 1)]
    [InlineData(JournalStage.Answer, 2)]
    [InlineData(JournalStage.Answer, 3)]
    public void A_room_that_is_opened_again_while_an_append_is_in_flight_publishes_and_acks_it_once(JournalStage stage, int seed)
    {
        var world = new RoomWorld(seed: seed);
        var gateway = world.Gateway().Connect();
        world.Gate.Stop(JournalOperation.Append, stage);
        gateway.Write("a");
        world.Run();
        gateway.Enter(Make.Member("ann"), new Position("log-00000001", 7));
        world.Run();
        world.Gate.Open();
        world.Gate.Release(JournalOperation.Append);
        gateway.Write("b", oldest: 1);
        world.Run();

        gateway.All<StreamEnded>().ShouldBeEmpty();
        world.Stored.Select(e => e.Mid).ShouldBe(["a", "b"]);
        gateway.Events.ShouldBe([1, 2]);
        gateway.Answers.Select(a => (a.Number, a.Seq)).ShouldBe([(1, 1), (2, 2)]);
        gateway.Single<EventPage>().Recovered.ShouldBeFalse();
    }

    [Fact]
    public void Over_its_limit_the_stash_refuses_and_nothing_else_suffers()
    {
        var world = new RoomWorld(o => o.MaxStashed = 2);
        world.Gate.Stop(JournalOperation.Open, JournalStage.Answer);
        var gateway = world.Gateway().Subscribe();
        gateway.Write("a");
        gateway.Write("b", oldest: 1);
        gateway.Read(0, 10);
        world.Run();
        gateway.Answers.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            a => a.Number.ShouldBe(2), a => a.Error!.Code.ShouldBe(ErrorCode.Busy));
        gateway.Single<Refused>().Error.Code.ShouldBe(ErrorCode.Busy);

        gateway.Clear();
        world.Gate.Release(JournalOperation.Open);
        world.Run();
        gateway.Answers.ShouldHaveSingleItem().Number.ShouldBe(1);
    }

    [Fact]
    public void A_room_that_another_nodes_newer_view_owns_is_given_up()
    {
        Make.Completed(_world.Store.OpenAsync(Make.Room, 5, 0, default)).ShouldNotBeNull();
        var gateway = _world.Gateway().Subscribe();
        gateway.Enter(Make.Member("ann"));
        _world.Run();
        gateway.Told.Select(m => m.GetType()).ShouldBe([typeof(StreamEnded), typeof(Refused)]);
        _world.Owner.Views.Refreshes.ShouldBe(1);
        _world.Node.Count.ShouldBe(0);
    }

    [Fact]
    public void After_a_good_open_no_left_over_timer_opens_once_more()
    {
        var gateway = _world.Gateway().Connect();
        _world.Gate.Fail(JournalOperation.Append, JournalFault.FailBefore);
        _world.Gate.Fail(JournalOperation.Open, JournalFault.FailBefore);
        gateway.Write("a");
        _world.Run();

        // Before the pause is over somebody asks for what may be there.
        gateway.Enter(Make.Member("ann"), new Position("log-00000001", 7));
        _world.Run();
        _world.RunFor(TimeSpan.FromSeconds(2));
        _world.Gate.Count(JournalOperation.Open).ShouldBe(3);
    }
}
