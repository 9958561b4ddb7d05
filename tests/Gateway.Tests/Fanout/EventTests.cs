using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Tests.Fanout;

/// <summary>Events on their way down: once each, in order, without a hole.</summary>
public sealed class EventTests
{
    private readonly SubscriptionWorld _world = new();

    [Fact]
    public void Events_go_to_every_live_client_in_order()
    {
        var ann = _world.Joined("ann", head: 3);
        var bob = _world.Joined("bob", head: 3);
        _world.Events(4, 2);
        _world.Events(6);
        ann.Seqs.ShouldBe([4, 5, 6]);
        bob.Seqs.ShouldBe([4, 5, 6]);
    }

    [Fact]
    public void A_hole_is_fetched_before_anything_later_goes_out()
    {
        var ann = _world.Joined();
        _world.Events(1);
        _world.Events(4, 2);
        ann.Seqs.ShouldBe([1]);
        var fetch = _world.SentOne<ReadEvents>();
        fetch.ShouldSatisfyAllConditions(f => f.After.ShouldBe(1), f => f.Newest.ShouldBeFalse());

        _world.Events(6);
        _world.Sent().ShouldBeEmpty();
        _world.Page(fetch.Request, 2, 5);
        ann.Seqs.ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public void A_fetch_that_ends_early_is_followed_by_the_next_one()
    {
        var ann = _world.Joined();
        _world.Events(9);
        _world.Page(_world.SentOne<ReadEvents>().Request, 1, 4, more: true);
        ann.Seqs.ShouldBe([1, 2, 3, 4]);
        _world.Page(_world.SentOne<ReadEvents>().Request, 5, 5);
        ann.Seqs.Count.ShouldBe(9);
        _world.Sent().ShouldBeEmpty();
    }

    [Fact]
    public void Repeated_and_overlapping_events_go_out_once()
    {
        var ann = _world.Joined();
        _world.Events(1, 3);
        _world.Events(1, 3);
        _world.Events(2, 4);
        _world.Events(5);
        ann.Seqs.ShouldBe([1, 2, 3, 4, 5]);
    }

    [Fact]
    public void A_repeated_head_shows_what_was_lost_before_a_silence()
    {
        var ann = _world.Joined();
        _world.Events(1);
        _world.Head(1);
        _world.Sent().ShouldBeEmpty();
        _world.Head(2);
        _world.Page(_world.SentOne<ReadEvents>().Request, 2, 1);
        ann.Seqs.ShouldBe([1, 2]);
    }

    [Theory]
    [InlineData("other", 1)]
    [InlineData("L", 0)]
    public void A_head_of_another_log_or_of_a_replaced_owner_counts_for_nothing(string log, long epoch)
    {
        _world.Joined();
        _world.Head(9, log, epoch);
        _world.Sent().ShouldBeEmpty();
    }

    [Fact]
    public void A_busy_rooms_events_gather_and_go_out_together_when_it_is_their_turn()
    {
        var world = Busy(out var ann);
        var frames = ann.Broadcasts;
        world.Events(3);
        world.Events(4, 2);
        ann.Seqs.ShouldBe([1, 2]);

        world.Simulation.RunFor(TimeSpan.FromMilliseconds(99));
        ann.Seqs.ShouldBe([1, 2]);
        world.Simulation.RunFor(TimeSpan.FromMilliseconds(1));
        ann.Seqs.ShouldBe([1, 2, 3, 4, 5]);
        ann.Broadcasts.ShouldBe(frames + 1);
    }

    [Fact]
    public void After_a_pause_events_go_out_at_once_again()
    {
        var world = Busy(out var ann);
        world.Events(3);
        world.Simulation.RunFor(TimeSpan.FromSeconds(1));
        world.Events(4);
        world.Events(5);
        ann.Seqs.ShouldBe([1, 2, 3, 4, 5]);
    }

    [Fact]
    public void What_else_all_clients_are_told_comes_behind_the_events_that_have_gathered()
    {
        var world = Busy(out var ann);
        world.Events(3);
        world.Say(new TypingNoticed(SubscriptionWorld.Room, world.Stream, "bob", "g:bob"));
        ann.Seqs.ShouldBe([1, 2, 3]);
        world.Events(4);
        world.Say(new PresenceChanged(SubscriptionWorld.Room, world.Stream, ["bob"], [], 2));
        ann.Seqs.ShouldBe([1, 2, 3, 4]);
        world.Events(5);
        world.Events(9);
        world.Page(world.SentOne<ReadEvents>().Request, 8, 2, recovered: false);
        ann.Seqs.ShouldBe([1, 2, 3, 4, 5]);
        ann.Heard.ShouldContain("reset");
    }

    [Fact]
    public void Who_joins_while_events_gather_gets_each_of_them_once()
    {
        var world = Busy(out var ann);
        world.Events(3);
        var bob = world.Joined("bob", head: 3);
        var carol = world.Joined("carol", head: 2);
        world.Events(4);
        world.Simulation.RunFor(TimeSpan.FromMilliseconds(100));
        ann.Seqs.ShouldBe([1, 2, 3, 4]);
        bob.Seqs.ShouldBe([4]);
        carol.Seqs.ShouldBe([3, 4]);
    }

    [Fact]
    public void A_small_rooms_events_never_wait()
    {
        var world = new SubscriptionWorld(o => (o.BroadcastsPerSecond, o.BroadcastBurst, o.GatherFromClients) = (10, 1, 2));
        var ann = world.Joined();
        world.Events(1);
        world.Events(2);
        world.Events(3);
        ann.Seqs.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void Where_what_is_missing_was_trimmed_the_clients_are_reset()
    {
        var ann = _world.Joined();
        _world.Events(5);
        _world.Page(_world.SentOne<ReadEvents>().Request, 4, 2, recovered: false);
        ann.Heard.ShouldBe(["reset"]);
        _world.SentOne<Subscribe>().Members.ShouldBeEmpty();
    }

    [Fact]
    public void What_belongs_to_an_older_stream_is_dropped()
    {
        var ann = _world.Joined();
        var old = _world.Stream;
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, old));
        _world.Stream.ShouldBeGreaterThan(old);
        _world.Events(1, stream: old);
        ann.Seqs.ShouldBeEmpty();
    }

    [Fact]
    public void Events_of_a_stream_whose_opening_was_lost_are_not_taken_for_those_of_the_known_log()
    {
        var ann = _world.Joined();
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));

        // The room has begun a new log; its Subscribed gets lost, what follows does not.
        _world.Events(1);
        ann.Heard.ShouldBeEmpty();
        _world.RunForMs((int)_world.Options.SilenceTimeout.TotalMilliseconds + 200);
        _world.Open(1, log: "M", epoch: 2);
        ann.Heard.ShouldBe(["reset"]);
    }

    [Fact]
    public void A_changed_log_resets_everybody()
    {
        var ann = _world.Joined("ann", head: 7);
        var bob = _world.Joined("bob", head: 7);
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
        _world.Open(2, log: "M", epoch: 5);
        ann.Heard.ShouldBe(["reset"]);
        bob.Heard.ShouldBe(["reset"]);
    }

    [Fact]
    public void A_log_that_is_shorter_than_what_went_out_resets_everybody()
    {
        var ann = _world.Joined(head: 7);
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
        _world.Sent();
        _world.Open(5, epoch: 5);
        ann.Heard.ShouldBeEmpty("an owner that is behind may not have looked into the journal");
        _world.RunForMs(250);
        _world.SentOne<Subscribe>().Epoch.ShouldBe(6);
        _world.Open(5, epoch: 6);
        ann.Heard.ShouldBe(["reset"]);
    }

    [Fact]
    public void An_owner_that_was_replaced_is_not_believed_and_asked_again()
    {
        var ann = _world.Joined(head: 7);
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
        _world.Open(9, epoch: 5);
        _world.Sent();
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));

        _world.Open(3, log: "M", epoch: 4);
        ann.Heard.ShouldBeEmpty();
        _world.Events(8);
        ann.Heard.ShouldBeEmpty();
        var stream = _world.Stream;
        _world.RunForMs(300);
        _world.Stream.ShouldBeGreaterThan(stream);
    }

    [Fact]
    public void A_new_stream_fetches_what_was_committed_meanwhile()
    {
        var ann = _world.Joined(head: 2);
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
        _world.Sent();
        _world.Open(4, epoch: 2);
        _world.Page(_world.SentOne<ReadEvents>().Request, 3, 2);
        _world.Events(5);
        ann.Seqs.ShouldBe([3, 4, 5]);
    }

    [Fact]
    public void Presence_and_typing_go_to_live_clients_only()
    {
        var ann = _world.Joined("ann");
        var bob = new FakeClient();
        _world.Join(bob, "bob");
        _world.Say(new PresenceChanged(SubscriptionWorld.Room, _world.Stream, ["bob"], [], 2));
        _world.Say(new TypingNoticed(SubscriptionWorld.Room, _world.Stream, "cy", "g:cy"));
        ann.Heard.ShouldBe(["presence 2", "typing cy g:cy"]);
        bob.Heard.ShouldBeEmpty();
    }

    [Fact]
    public void Who_came_or_went_while_the_room_changed_its_owner_is_told_after_a_while()
    {
        var ann = _world.Joined("ann");
        _world.Say(new PresenceChanged(SubscriptionWorld.Room, _world.Stream, ["bob"], [], 2));
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
        _world.Open(0, epoch: 2);
        _world.Sent();
        ann.Heard.Clear();
        for (var second = 0; second < 5; second++)
        {
            _world.RunForMs(1000);
            _world.Head(0, epoch: 2);
        }

        var census = _world.SentOne<ListMembers>();
        _world.Say(new MemberPage(SubscriptionWorld.Room, _world.Stream, census.Request, 2, ["ann", "cy"], false));
        ann.Presence.ShouldBe(["+bob -", "+cy -bob"]);

        // What is as it was told is not told again.
        _world.Say(new PresenceChanged(SubscriptionWorld.Room, _world.Stream, ["dan"], [], 3));
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
        _world.RunForMs(200);
        _world.Open(0, epoch: 3);
        for (var second = 0; second < 5; second++)
        {
            _world.RunForMs(1000);
            _world.Head(0, epoch: 3);
        }

        census = _world.SentOne<ListMembers>();
        _world.Say(new MemberPage(SubscriptionWorld.Room, _world.Stream, census.Request, 3, ["ann", "cy", "dan"], false));
        ann.Presence.Count.ShouldBe(3);
    }

    [Fact]
    public void A_subscription_that_fails_resets_its_clients_and_the_next_one_serves_them()
    {
        var ann = _world.Joined("ann");
        var bob = new FakeClient();
        _world.Join(bob, "bob");
        _world.Write(ann, "m");
        _world.Sent();
        ann.Throws = true;
        _world.Events(1);
        ann.Heard.ShouldBe(["reset", "refused WriteRoom 3 Unavailable"], ignoreOrder: true);
        bob.Heard.ShouldBe(["refused JoinRoom 2 Unavailable"]);
        _world.Sent().OfType<Unsubscribe>().ShouldHaveSingleItem();

        ann.Throws = false;
        _world.Join(ann);
        _world.Open(1, epoch: 2);
        _world.Page(_world.SentOne<Enter>().Request, 1, 1);
        ann.Seqs.ShouldBe([1]);
    }

    // Ten broadcasts a second, and two at once, which have gone out.
    private static SubscriptionWorld Busy(out FakeClient ann)
    {
        var world = new SubscriptionWorld(o => (o.BroadcastsPerSecond, o.BroadcastBurst, o.GatherFromClients) = (10, 2, 1));
        ann = world.Joined();
        world.Events(1);
        world.Events(2);
        ann.Seqs.ShouldBe([1, 2]);
        return world;
    }
}
