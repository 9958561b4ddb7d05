using ClusterChat.Cluster;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Tests.Fanout;

/// <summary>What clients ask of one room: a few questions under way, the others in turns of their addresses.</summary>
public sealed class AskTurnTests
{
    private const string Room = SubscriptionWorld.Room;
    private long _ids;

    [Fact]
    public void Of_many_questions_a_few_are_under_way_and_each_answer_lets_the_next_one_go()
    {
        var world = Open(o => o.ReadsAtOncePerRoom = 4);
        var client = new FakeClient();
        Ask(world, client, 10);
        var asked = world.Sent().OfType<ReadEvents>().ToList();
        asked.Count.ShouldBe(4);

        var done = 0;
        while (asked.Count > done)
        {
            Page(world, asked[done++].Request);
            asked.AddRange(world.Sent().OfType<ReadEvents>());
            (asked.Count - done).ShouldBeLessThanOrEqualTo(4);
        }

        done.ShouldBe(10);
        client.Of("history").Count().ShouldBe(10);
        client.ReadBytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Who_asks_for_a_thousand_pages_holds_up_nobody_elses_join()
    {
        var world = Open(o => o.ReadsAtOncePerRoom = 2);
        Ask(world, new FakeClient(), 1000);
        var asked = world.Sent().OfType<ReadEvents>().ToList();

        var ann = new FakeClient { Origin = new("192.0.2.9", null) };
        world.Join(ann);
        world.Sent().ShouldBeEmpty();
        Page(world, asked[0].Request);
        Page(world, asked[1].Request);

        // One of the thousand had its turn before.
        world.Page(world.SentOne<Enter>().Request, 0, 0, end: 0);
        ann.Heard.ShouldHaveSingleItem().ShouldStartWith("entered");
    }

    [Fact]
    public void What_waits_too_long_is_refused_for_the_moment()
    {
        var world = Open(o => (o.ReadsAtOncePerRoom, o.RequestTimeout, o.SilenceTimeout) = (1, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1)));
        var client = new FakeClient();
        Ask(world, client, 3);
        world.RunForMs(5200);

        client.Heard.ShouldBe([$"refused ReadHistory 2 {ErrorCode.Unavailable}", $"refused ReadHistory 3 {ErrorCode.Unavailable}", $"refused ReadHistory 1 {ErrorCode.Unavailable}"], ignoreOrder: true);
    }

    [Fact]
    public void Beyond_what_may_wait_the_address_with_most_is_refused()
    {
        var world = Open(o => (o.ReadsAtOncePerRoom, o.MaxUnackedPerRoom) = (1, 4));
        var (many, one) = (new FakeClient(), new FakeClient { Origin = new("192.0.2.9", null) });
        for (var i = 0; i < 9; i++)
            Ask(world, many, 1);
        many.Heard.ShouldBeEmpty();
        Ask(world, one, 1);

        one.Heard.ShouldBeEmpty();
        many.Heard.ShouldBe([$"refused ReadHistory 9 {ErrorCode.Unavailable}"]);
    }

    [Fact]
    public void A_new_stream_repeats_what_was_asked_and_not_what_waits()
    {
        var world = Open(o => o.ReadsAtOncePerRoom = 2);
        Ask(world, new FakeClient(), 10);
        world.Sent().OfType<ReadEvents>().Count().ShouldBe(2);
        world.Say(new StreamEnded(Room, world.Stream));
        world.RunForMs(200);
        var sent = world.Sent();
        sent.OfType<Subscribe>().ShouldHaveSingleItem();
        sent.OfType<ReadEvents>().Count().ShouldBe(2);
    }

    [Fact]
    public void An_owner_that_answers_slowly_is_asked_nothing_twice()
    {
        var world = Open(o => o.ReadsAtOncePerRoom = 4);
        Ask(world, new FakeClient(), 4);
        var asked = world.Sent().OfType<ReadEvents>().Select(r => r.Request).ToList();
        foreach (var request in asked[..3])
        {
            world.RunForMs(1500);
            Page(world, request);
            world.Sent().ShouldBeEmpty();
        }

        world.RunForMs(400);
        world.Sent().ShouldBeEmpty();
    }

    [Fact]
    public void An_owner_from_which_no_answer_comes_is_asked_again()
    {
        var world = Open(o => o.ReadsAtOncePerRoom = 4);
        Ask(world, new FakeClient(), 2);
        var asked = world.Sent().OfType<ReadEvents>().ToList();
        world.RunForMs(1000);
        Page(world, asked[0].Request);
        world.RunForMs(2200);
        var sent = world.Sent();
        sent.OfType<Subscribe>().ShouldHaveSingleItem();
        sent.OfType<ReadEvents>().ShouldHaveSingleItem().Request.ShouldBe(asked[1].Request);
    }

    [Fact]
    public void Who_left_while_its_join_waited_is_not_entered()
    {
        var world = Open(o => o.ReadsAtOncePerRoom = 1);
        Ask(world, new FakeClient(), 1);
        var asked = world.SentOne<ReadEvents>();
        var client = new FakeClient();
        world.Join(client);
        world.Leave(client);
        Page(world, asked.Request);

        world.Sent().OfType<Enter>().ShouldBeEmpty();
        world.Tell(new ReadMembers(client, 1, Room, Visitor: true, "", 10));
        world.Sent().OfType<ListMembers>().ShouldHaveSingleItem();
    }

    [Fact]
    public void What_waits_is_refused_when_the_subscription_fails()
    {
        var world = Open(o => o.ReadsAtOncePerRoom = 1);
        var live = world.Joined();
        var client = new FakeClient();
        Ask(world, client, 3);
        live.Throws = true;
        world.Events(1);

        client.Of("refused ReadHistory").Count().ShouldBe(3);
    }

    private static SubscriptionWorld Open(Action<GatewayOptions> options)
    {
        var world = new SubscriptionWorld(options);
        world.Tell(new ReadMembers(new FakeClient(), 0, Room, Visitor: true, "", 10));
        var asked = world.SentOne<ListMembers>();
        world.Open(0);
        world.Say(new MemberPage(Room, world.Stream, asked.Request, 0, [], false));
        world.Sent();
        return world;
    }

    private void Ask(SubscriptionWorld world, FakeClient client, int count)
    {
        for (var i = 0; i < count; i++)
            world.Subscriptions.Tell(new ReadHistory(client, ++_ids, Room, Visitor: true, 0, long.MaxValue, 50));
        world.Simulation.RunUntilIdle();
    }

    private static void Page(SubscriptionWorld world, long request) => world.Page(request, 1, 3);
}
