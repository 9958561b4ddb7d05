using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Tests.Fanout;

/// <summary>Ways into a room: pages, what comes while they are under way, and ways out.</summary>
public sealed class JoinTests
{
    private readonly SubscriptionWorld _world = new();

    [Fact]
    public void The_first_join_opens_a_stream_and_enters_on_it()
    {
        var ann = new FakeClient();
        _world.Join(ann, limit: 7);
        var sent = _world.Sent();
        sent[0].ShouldBeOfType<Subscribe>().Members.ShouldBeEmpty();
        var enter = sent[1].ShouldBeOfType<Enter>();
        (enter.Stream, enter.Limit, enter.Since).ShouldBe((_world.Stream, 7, null));
        _world.Open(3);
        _world.Page(enter.Request, 2, 2, more: true);
        ann.Heard.ShouldBe(["entered 2..3 at L/3"]);
        _world.Events(4);
        ann.Seqs.ShouldBe([2, 3, 4]);
    }

    [Fact]
    public void Events_that_came_while_a_fresh_page_was_read_complete_it()
    {
        _world.Joined("bob");
        var ann = new FakeClient();
        _world.Join(ann);
        var enter = _world.SentOne<Enter>();
        _world.Events(1, 3);
        _world.Page(enter.Request, 1, 1, end: 1);
        ann.Heard.ShouldBe(["entered 1..3 at L/3"]);
        _world.Events(4);
        ann.Seqs.ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void Events_that_came_while_the_last_page_of_a_resume_was_read_complete_it()
    {
        _world.Joined("bob", head: 2);
        var ann = new FakeClient();
        _world.Join(ann, since: new Position("L", 0));
        var enter = _world.SentOne<Enter>();
        _world.Events(3, 2);
        _world.Page(enter.Request, 1, 2);
        ann.Heard.ShouldBe(["entered 1..4 at L/4"]);
    }

    [Fact]
    public void A_resume_that_fell_too_far_behind_asks_for_another_page()
    {
        var world = new SubscriptionWorld(o => o.RecentEvents = 2);
        world.Joined("bob");
        var ann = new FakeClient();
        world.Join(ann, since: new Position("L", 0));
        var enter = world.SentOne<Enter>();
        world.Events(1, 5);
        world.Page(enter.Request, 1, 1);
        ann.Heard.ShouldBe(["entered 1..1 at L/1 more"]);
        world.Page(world.SentOne<Enter>().Request, 2, 4);
        world.Events(6);
        ann.Seqs.ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public void A_fresh_join_that_fell_too_far_behind_enters_again_and_gets_one_page()
    {
        var world = new SubscriptionWorld(o => o.RecentEvents = 2);
        world.Joined("bob");
        var ann = new FakeClient();
        world.Join(ann);
        var enter = world.SentOne<Enter>();
        world.Events(1, 5);
        world.Page(enter.Request, 1, 1);
        ann.Heard.ShouldBeEmpty();
        world.Page(world.SentOne<Enter>().Request, 4, 2);
        ann.Heard.ShouldBe(["entered 4..5 at L/5"]);
    }

    [Fact]
    public void A_page_that_is_ahead_of_the_events_is_not_repeated_by_them()
    {
        _world.Joined("bob");
        var ann = new FakeClient();
        _world.Join(ann);
        _world.Page(_world.SentOne<Enter>().Request, 1, 3);
        _world.Events(1, 4);
        ann.Seqs.ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void A_long_resume_goes_on_page_by_page_as_the_client_can_take_them()
    {
        var ann = new FakeClient { Ready = false };
        _world.Join(ann, since: new Position("L", 0));
        _world.Open(5);
        _world.Page(_world.SentOne<Enter>().Request, 1, 2, more: true);
        ann.Heard.ShouldBe(["entered 1..2 at L/2 more"]);
        _world.Events(6);
        _world.Sent().ShouldBeEmpty();

        ann.Ready = true;
        ann.BecomeReady();
        _world.Page(_world.SentOne<Enter>().Request, 3, 2, more: true);
        _world.Page(_world.SentOne<Enter>().Request, 5, 2);
        _world.Events(7);
        ann.Heard.ShouldBe(["entered 1..2 at L/2 more", "entered 3..4 at L/4 more", "entered 5..6 at L/6", "event 7"]);
    }

    [Fact]
    public void A_position_that_is_lost_gets_one_newest_page()
    {
        var ann = new FakeClient();
        _world.Join(ann, since: new Position("old", 90));
        _world.Open(5);
        _world.Page(_world.SentOne<Enter>().Request, 4, 2, more: true, recovered: false);
        ann.Heard.ShouldBe(["entered 4..5 at L/5 lost"]);
        _world.Events(6);
        ann.Seqs.ShouldBe([4, 5, 6]);
    }

    [Fact]
    public void A_resume_whose_next_page_is_gone_is_reset_and_what_waited_for_it_refused()
    {
        var ann = new FakeClient();
        _world.Join(ann, since: new Position("L", 0));
        _world.Open(9);
        _world.Page(_world.SentOne<Enter>().Request, 1, 2, more: true);
        _world.Write(ann, "m");
        _world.Page(_world.SentOne<Enter>().Request, 8, 2, recovered: false);
        ann.Heard.ShouldBe(["entered 1..2 at L/2 more", "reset", "refused WriteRoom 2 NotJoined"]);
    }

    [Fact]
    public void A_refused_join_is_told_with_what_waited_for_it()
    {
        var ann = new FakeClient();
        _world.Join(ann);
        _world.Write(ann, "m");
        _world.Tell(new ReadHistory(ann, 9, SubscriptionWorld.Room, false, 0, 5, 10));
        _world.Open(0);
        _world.Say(new Refused(SubscriptionWorld.Room, _world.Stream, _world.SentOne<Enter>().Request, new(ErrorCode.NameTaken, "no")));
        ann.Heard.ShouldBe(["refused JoinRoom 1 NameTaken", "refused WriteRoom 2 NotJoined", "refused ReadHistory 9 NotJoined"]);
        _world.Write(ann, "n");
        ann.Heard[^1].ShouldBe("refused WriteRoom 3 NotJoined");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_who_is_gone_while_its_join_is_on_its_way_the_room_hears_whether_it_took_its_leave(bool mayReturn)
    {
        var ann = new FakeClient();
        _world.Join(ann);
        _world.Open(0);
        var enter = _world.SentOne<Enter>();
        _world.Leave(ann, silent: true, mayReturn);
        _world.Page(enter.Request, 0, 0, end: 0);
        _world.SentOne<Leave>().MayReturn.ShouldBe(mayReturn);
    }

    [Theory]
    [InlineData(ErrorCode.Unavailable, true)]
    [InlineData(ErrorCode.Forbidden, false)]
    public void Of_who_is_refused_when_it_joins_again_the_room_hears_whether_it_is_to_try_again(ErrorCode code, bool mayReturn)
    {
        var ann = _world.Joined();
        _world.Join(ann);
        _world.Say(new Refused(SubscriptionWorld.Room, _world.Stream, _world.SentOne<Enter>().Request, new(code, "no")));
        _world.Sent().OfType<Leave>().ShouldAllBe(l => l.MayReturn == mayReturn);
    }

    [Fact]
    public void The_room_hears_of_the_last_connection_of_a_user_whether_it_took_its_leave()
    {
        var one = _world.Joined();
        var two = _world.Joined();
        _world.Leave(one, silent: true, mayReturn: true);
        _world.Sent().OfType<Leave>().ShouldBeEmpty();
        _world.Leave(two);
        _world.SentOne<Leave>().MayReturn.ShouldBeFalse();
    }

    [Fact]
    public void A_leave_of_which_the_room_does_not_say_that_it_came_is_told_by_a_new_stream()
    {
        var ann = _world.Joined("ann");
        _world.Joined("bob");
        _world.LosesLeaves = true;
        _world.Leave(ann);
        var lost = _world.SentOne<Leave>();
        _world.RunForMs(2200);

        var sent = _world.Sent();
        sent.OfType<Subscribe>().ShouldHaveSingleItem().Members.ShouldHaveSingleItem().Name.ShouldBe("bob");
        sent.OfType<Leave>().ShouldBeEmpty();

        // Whoever comes again meanwhile is not taken out by what was said before.
        _world.Say(new Left(SubscriptionWorld.Room, lost.Stream, lost.Request));
    }

    [Fact]
    public void A_leave_of_which_the_room_says_that_it_came_is_told_once()
    {
        var ann = _world.Joined("ann");
        _world.Joined("bob");
        _world.Leave(ann);
        _world.SentOne<Leave>();
        _world.RunForMs(20_000);
        _world.Sent().ShouldBeEmpty();
    }

    [Fact]
    public void A_room_that_nobody_needs_any_more_is_not_woken_for_a_leave()
    {
        var ann = _world.Joined("ann");
        _world.LosesLeaves = true;
        _world.Leave(ann);
        _world.SentOne<Leave>();
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
        _world.RunForMs(20_000);
        _world.Sent().OfType<Subscribe>().ShouldBeEmpty();
    }

    [Fact]
    public void What_came_behind_a_join_goes_out_after_it()
    {
        var ann = new FakeClient();
        _world.Join(ann);
        _world.Write(ann, "a");
        _world.Write(ann, "b");
        var enter = _world.SentOne<Enter>();
        _world.Open(0);
        _world.Page(enter.Request, 0, 0, end: 0);
        _world.Sent().OfType<Write>().Select(w => w.Mid).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void What_came_between_two_joins_of_a_room_waits_for_the_second_one()
    {
        var ann = new FakeClient();
        _world.Join(ann);
        _world.Write(ann, "a");
        _world.Join(ann);
        _world.Write(ann, "b");
        _world.Open(0);
        foreach (var enter in _world.Sent().OfType<Enter>().ToList())
            _world.Page(enter.Request, 0, 0, end: 0);
        _world.Sent().OfType<Write>().Select(w => w.Mid).ShouldBe(["a", "b"]);
        ann.Heard.ShouldBe(["refused JoinRoom 1 BadRequest", "entered nothing at L/0"]);
    }

    [Fact]
    public void Who_joins_again_gets_no_live_events_until_the_new_page()
    {
        var ann = _world.Joined();
        _world.Join(ann, since: new Position("L", 0));
        var enter = _world.SentOne<Enter>();
        _world.Events(1);
        ann.Heard.ShouldBeEmpty();
        _world.Page(enter.Request, 1, 1);
        _world.Events(2);
        ann.Seqs.ShouldBe([1, 2]);
        _world.Sent().ShouldBeEmpty();
    }

    [Fact]
    public void A_member_with_two_connections_leaves_with_the_last_one()
    {
        var one = _world.Joined("ann");
        var two = _world.Joined("ann");
        _world.Leave(one);
        one.Heard.ShouldBe(["left 3"]);
        _world.Sent().ShouldBeEmpty();
        _world.Leave(two, silent: true);
        two.Heard.ShouldBeEmpty();
        _world.SentOne<Leave>().Member.Name.ShouldBe("ann");
    }

    [Fact]
    public void Who_left_before_its_page_came_is_taken_out_when_it_comes()
    {
        _world.Joined("bob");
        var ann = new FakeClient();
        _world.Join(ann, "ann");
        var enter = _world.SentOne<Enter>();
        _world.Leave(ann, silent: true);
        _world.Sent().ShouldBeEmpty();
        _world.Page(enter.Request, 0, 0, end: 0);
        _world.SentOne<Leave>().Member.Name.ShouldBe("ann");
        _world.Events(1);
        ann.Heard.ShouldBeEmpty();
    }

    [Fact]
    public void A_leave_without_a_join_is_refused_unless_it_is_silent()
    {
        var ann = new FakeClient();
        _world.Leave(ann);
        _world.Leave(ann, silent: true);
        ann.Heard.ShouldBe(["refused LeaveRoom 1 NotJoined"]);
    }

    [Fact]
    public void A_page_whose_stream_is_not_known_to_be_open_is_asked_for_again()
    {
        var ann = new FakeClient();
        _world.Join(ann);

        // Subscribed is lost.
        _world.Page(_world.SentOne<Enter>().Request, 1, 1);
        ann.Heard.ShouldBeEmpty();
        _world.RunForMs(200);
        _world.Open(1);
        _world.Page(_world.SentOne<Enter>().Request, 1, 1);
        ann.Heard.ShouldBe(["entered 1..1 at L/1"]);
    }

    [Fact]
    public void Visitors_read_and_write_without_a_join()
    {
        var http = new FakeClient();
        _world.Write(http, "m", visitor: true);
        _world.Tell(new ReadMembers(http, 5, SubscriptionWorld.Room, true, "", 10));
        var sent = _world.Sent();
        sent.Select(m => m.GetType()).ShouldBe([typeof(Subscribe), typeof(Write), typeof(ListMembers)]);
        _world.Open(0);
        _world.Done(SubscriptionWorld.Ok(1, 1));
        _world.Say(new MemberPage(SubscriptionWorld.Room, _world.Stream, ((ListMembers)sent[2]).Request, 1, ["ann"], false));
        http.Heard.ShouldBe(["written m 1", "members 5 ann"]);
    }
}
