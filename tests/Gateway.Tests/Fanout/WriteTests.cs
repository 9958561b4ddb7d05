using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Tests.Fanout;

/// <summary>Writes on their way up, and streams that come and go under them.</summary>
public sealed class WriteTests
{
    private readonly SubscriptionWorld _world = new();

    [Fact]
    public void Writes_are_numbered_and_name_the_unanswered_one_before_them()
    {
        var ann = _world.Joined();
        _world.Write(ann, "a");
        _world.Write(ann, "b");
        _world.Done(SubscriptionWorld.Ok(1, 1));
        _world.Write(ann, "c");
        _world.Sent().OfType<Write>().Select(w => (w.Number, w.Previous)).ShouldBe([(1, 0), (2, 1), (3, 2)]);
        _world.Done(SubscriptionWorld.Ok(2, 2, dup: true), SubscriptionWorld.Bad(3, ErrorCode.NotFound));
        ann.Heard.ShouldBe(["written a 1", "written b 2 dup", "refused WriteRoom 4 NotFound"]);
        _world.Subscriptions.Unacked.ShouldBe(0);
    }

    [Fact]
    public void What_comes_together_goes_out_together_and_before_what_comes_behind_it()
    {
        var ann = _world.Joined();
        var before = _world.Cluster.Messages.Count;
        _world.Begin(ann, "a");
        _world.Begin(ann, "b");
        _world.Leave(ann);
        var sent = _world.Cluster.Messages[before..];
        sent.Select(m => m.GetType()).ShouldBe([typeof(Writes), typeof(Leave)]);
        var together = sent[0].ShouldBeOfType<Writes>();
        together.Stream.ShouldBe(_world.Stream);
        together.All.Select(w => (w.Mid, w.Previous)).ShouldBe([("a", 0), ("b", 1)]);
    }

    [Fact]
    public void However_much_comes_together_no_message_grows_beyond_what_a_link_takes()
    {
        var ann = _world.Joined();
        var before = _world.Cluster.Messages.Count;
        var text = new string('x', 10_000);
        for (var i = 0; i < 60; i++)
        {
            _world.Begin(ann, "m" + i, text: text);
        }

        _world.Sent().OfType<Write>().Count().ShouldBe(60);
        _world.Cluster.Messages[before..].OfType<Writes>().ShouldAllBe(w => w.All.Count <= 4);
    }

    [Fact]
    public void An_answer_that_comes_twice_is_passed_on_once()
    {
        var ann = _world.Joined();
        _world.Write(ann, "a");
        _world.Done(SubscriptionWorld.Ok(1, 1));
        _world.Done(SubscriptionWorld.Ok(1, 1, dup: true), SubscriptionWorld.Bad(1, ErrorCode.Busy));
        ann.Heard.ShouldBe(["written a 1"]);
    }

    [Fact]
    public void A_write_that_is_given_back_is_sent_again_and_nothing_overtakes_it()
    {
        var ann = _world.Joined();
        _world.Write(ann, "a");
        _world.Write(ann, "b");
        _world.Sent();
        _world.Done(SubscriptionWorld.Bad(1, ErrorCode.Busy), SubscriptionWorld.Bad(2, ErrorCode.Busy));
        _world.Write(ann, "c");
        _world.Sent().ShouldBeEmpty();
        _world.RunForMs(150);
        _world.Sent().OfType<Write>().Select(w => (w.Number, w.Previous, w.Mid)).ShouldBe([(1, 0, "a"), (2, 1, "b"), (3, 2, "c")]);
        ann.Heard.ShouldBeEmpty();
    }

    [Fact]
    public void What_a_room_refuses_for_longer_the_client_hears_at_once_and_its_later_writes_wait_until_it_has()
    {
        var ann = _world.Joined();
        ann.Confirms = false;
        _world.Write(ann, "a");
        _world.Write(ann, "b");
        _world.Sent();
        var full = new ProtocolError(ErrorCode.Unavailable, "no space", ErrorCodes.LastingRetryMs);
        _world.Done(new WriteDone(1, 0, 0, false, full), new WriteDone(2, 0, 0, false, full));
        ann.Heard.ShouldBe(["refused WriteRoom 2 Unavailable", "refused WriteRoom 3 Unavailable"]);
        _world.RunForMs(500);
        _world.Write(ann, "c");
        _world.Sent().ShouldBeEmpty();

        ann.Confirms = true;
        _world.Write(ann, "a");
        _world.SentOne<Write>().ShouldSatisfyAllConditions(w => w.Mid.ShouldBe("a"), w => w.Previous.ShouldBe(0));
    }

    [Fact]
    public void After_its_time_a_write_is_unavailable_and_its_authors_later_ones_with_it()
    {
        var world = new SubscriptionWorld(o => o.WriteTimeout = TimeSpan.FromSeconds(3));
        var ann = world.Joined();
        var bob = world.Joined("bob");
        world.Write(ann, "a");
        world.RunForMs(1000);
        world.Write(bob, "b", author: "bob");
        world.Write(ann, "c");
        world.RunForMs(2200);
        ann.Heard.Count(h => h.Contains("Unavailable", StringComparison.Ordinal)).ShouldBe(2);
        bob.Heard.ShouldNotContain(h => h.Contains("Unavailable", StringComparison.Ordinal));
        world.RunForMs(1000);
        bob.Heard.Count(h => h.Contains("Unavailable", StringComparison.Ordinal)).ShouldBe(1);
        world.Subscriptions.Unacked.ShouldBe(0);
    }

    [Fact]
    public void What_came_behind_a_write_that_was_given_up_is_refused_until_the_client_has_heard_of_it()
    {
        var world = new SubscriptionWorld(o => o.WriteTimeout = TimeSpan.FromSeconds(3));
        var ann = world.Joined();
        ann.Confirms = false;
        world.Write(ann, "a");
        world.RunForMs(3200);
        world.Sent();

        world.Write(ann, "b");
        world.Sent().OfType<Write>().ShouldBeEmpty();
        ann.Heard.Count(h => h.Contains("Unavailable", StringComparison.Ordinal)).ShouldBe(2);

        ann.Confirms = true;
        world.Write(ann, "a");
        world.Write(ann, "b");
        world.Sent().OfType<Write>().Select(w => w.Mid).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void Over_the_limit_of_a_room_writes_are_busy()
    {
        var world = new SubscriptionWorld(o => o.MaxUnackedPerRoom = 2);
        var ann = world.Joined();
        foreach (var mid in new[] { "a", "b", "c" })
            world.Write(ann, mid);
        ann.Heard.ShouldBe(["refused WriteRoom 4 Busy"]);
    }

    [Fact]
    public void On_a_new_stream_members_are_told_again_and_asks_and_writes_repeated_in_order()
    {
        var ann = _world.Joined("ann");
        _world.Joined("bob");
        var cy = new FakeClient();
        _world.Join(cy, "cy");
        foreach (var mid in new[] { "a", "b", "c" })
            _world.Write(ann, mid);
        _world.Done(SubscriptionWorld.Ok(2, 2));
        var enter = _world.SentOne<Enter>();
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));

        var sent = _world.Sent();
        sent[0].ShouldBeOfType<Subscribe>().Members.Select(m => m.Name).ShouldBe(["ann", "bob"], ignoreOrder: true);
        sent[1].ShouldBeOfType<Enter>().Request.ShouldBe(enter.Request);
        sent.Skip(2).Cast<Write>().Select(w => (w.Number, w.Previous, w.Mid)).ShouldBe([(1, 0, "a"), (3, 1, "c")]);
        sent.ShouldAllBe(m => m.Stream == _world.Stream);
        ann.Heard.ShouldBe(["written b 2"]);
    }

    [Fact]
    public void An_owner_that_ends_streams_at_once_is_asked_no_more_than_ten_times_a_second()
    {
        _world.Joined();
        _world.RunForMs(200);
        var before = _world.Cluster.Sent.Count;
        for (var i = 0; i < 100; i++)
        {
            _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
            _world.RunForMs(10);
        }

        (_world.Cluster.Sent.Count - before).ShouldBeInRange(5, 12);
    }

    [Fact]
    public void An_owner_that_owes_an_answer_and_is_silent_is_asked_on_a_new_stream()
    {
        var ann = _world.Joined();
        var stream = _world.Stream;
        _world.RunForMs(60_000);
        _world.Stream.ShouldBe(stream);

        _world.Write(ann, "a");
        _world.RunForMs(1500);
        _world.Stream.ShouldBe(stream);
        _world.Sent();
        _world.RunForMs(700);
        _world.Stream.ShouldBeGreaterThan(stream);
        _world.SentOne<Write>().Mid.ShouldBe("a");
        ann.Heard.ShouldBeEmpty();
    }

    [Fact]
    public void A_request_that_nobody_answers_is_unavailable_in_the_end()
    {
        var ann = new FakeClient();
        _world.Join(ann);
        _world.RunForMs((int)_world.Options.RequestTimeout.TotalMilliseconds + 200);
        ann.Heard.ShouldBe(["refused JoinRoom 1 Unavailable"]);
        _world.Sent().OfType<Leave>().ShouldHaveSingleItem();
    }

    [Fact]
    public void Without_clients_a_subscription_ends_and_the_next_join_begins_a_higher_stream()
    {
        var ann = _world.Joined(head: 1);
        var stream = _world.Stream;
        _world.Leave(ann);
        _world.RunForMs(5000);
        _world.Sent().OfType<Unsubscribe>().ShouldBeEmpty();
        _world.RunForMs(6000);
        _world.SentOne<Unsubscribe>().Stream.ShouldBe(stream);
        _world.Join(ann);
        _world.SentOne<Subscribe>().Stream.ShouldBeGreaterThan(stream);
    }

    [Fact]
    public void A_write_is_waited_for_also_when_its_client_has_gone()
    {
        var ann = _world.Joined();
        _world.Write(ann, "a");
        _world.Leave(ann, silent: true);
        _world.RunForMs(1000);
        _world.Subscriptions.Unacked.ShouldBe(1);
        _world.Done(SubscriptionWorld.Ok(1, 1));
        _world.Subscriptions.Unacked.ShouldBe(0);
        ann.Heard.ShouldBe(["written a 1"]);
    }
}
