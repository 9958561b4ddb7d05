using System.Net;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Limits;

namespace ClusterChat.Gateway.Tests.Fanout;

/// <summary>Which rooms a gateway follows, for whom, and for how long.</summary>
public sealed class FollowedRoomsTests : IDisposable
{
    private readonly ConnectionWorld _world = new(o =>
    {
        o.NewRoomBurstPerAddress = 3;
        o.NewRoomsPerSecondPerAddress = 1;
        o.MaxSubscriptions = 0;
    });

    // A bucket takes a clock at zero for one that has not begun.
    public FollowedRoomsTests() => _world.RunFor(TimeSpan.FromSeconds(1));

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Who_asks_for_too_many_rooms_hears_so_is_not_in_them_and_comes_in_later()
    {
        var client = Hello("192.0.2.1");
        for (var i = 1; i <= 3; i++)
            Join(client, $"r{i}");
        client.Types.ShouldBe(["joined", "joined", "joined"]);
        client.Transport.Wire.Clear();

        Join(client, "r4");
        client.Errors.ShouldHaveSingleItem().ShouldBe("rate_limited");
        client.Json().Single().GetProperty("retryMs").GetInt32().ShouldBeGreaterThanOrEqualTo(1000);
        client.Send("""{"id":9,"t":"history","room":"r4","before":5}""");
        client.Errors.Last().ShouldBe("not_joined");
        _world.Cluster.Sent.OfType<Subscribe>().ShouldNotContain(s => s.Room == "r4");

        _world.RunFor(TimeSpan.FromSeconds(1));
        client.Transport.Wire.Clear();
        Join(client, "r4");
        client.Types.ShouldBe(["joined"]);
        _world.Services.Rooms.Budget.Held.ShouldBe(4);
    }

    [Fact]
    public void A_room_that_is_followed_already_costs_nobody_anything_and_another_address_has_its_own_share()
    {
        var first = Hello("192.0.2.1");
        for (var i = 1; i <= 3; i++)
            Join(first, $"r{i}");
        var neighbour = Hello("192.0.2.1");
        for (var i = 1; i <= 3; i++)
            Join(neighbour, $"r{i}");
        neighbour.Types.ShouldBe(["joined", "joined", "joined"]);

        var stranger = Hello("192.0.2.2");
        Join(stranger, "r4");
        stranger.Types.ShouldBe(["joined"]);
    }

    [Fact]
    public void Who_leaves_a_room_that_it_is_not_in_has_nothing_followed()
    {
        var client = Hello("192.0.2.1");
        client.Send("""{"id":3,"t":"leave","room":"nowhere"}""");
        client.Errors.ShouldHaveSingleItem().ShouldBe("not_joined");
        _world.Services.Rooms.Budget.Held.ShouldBe(0);
        _world.Cluster.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void Near_the_limit_rooms_that_no_client_is_in_are_let_go_at_once_and_none_that_has_one()
    {
        var world = new SubscriptionWorld(o => o.MaxSubscriptions = 2);
        var stays = world.Joined(head: 5);
        var goes = new FakeClient { Origin = new RoomOrigin("a", null) };
        var join = new JoinRoom(goes, 1, "other", null, null, 1);
        world.Tell(join);
        world.Say(new Subscribed("other", world.Stream, "L", 1, 7));
        world.Tell(new LeaveRoom(goes, 2, "other", Silent: true));
        world.Subscriptions.Budget.Held.ShouldBe(2);
        world.Tell(new JoinRoom(stays, 3, "third", null, null, 1));
        stays.Heard.ShouldHaveSingleItem().ShouldContain("Busy", Case.Insensitive);

        // What it had asked may be answered still; after that it goes with the next look.
        world.Say(new EventPage("other", world.Stream, 1, "L", 0, [], 7, false, true, 0, []));
        world.Subscriptions.Sweep();
        world.Simulation.RunUntilIdle();
        world.Subscriptions.Budget.Held.ShouldBe(1);
        world.SentOne<Unsubscribe>().Room.ShouldBe("other");
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 11)]
    public void A_look_at_a_room_without_events_is_forgotten_sooner(long head, int seconds)
    {
        var world = new SubscriptionWorld();
        var visitor = new FakeClient();
        world.Tell(new ReadHistory(visitor, 1, SubscriptionWorld.Room, Visitor: true, 0, long.MaxValue, 10));
        world.Open(head);
        world.Page(1, 1, (int)head);
        visitor.Heard.ShouldHaveSingleItem();
        world.Sent();

        world.RunForMs(((seconds - 1) * 1000) - 500);
        world.Subscriptions.Budget.Held.ShouldBe(1);
        world.RunForMs(1500);
        world.Subscriptions.Budget.Held.ShouldBe(0);
        world.SentOne<Unsubscribe>();
    }

    [Fact]
    public void Where_the_owner_has_too_many_rooms_all_who_wait_hear_so_at_once_and_the_room_is_left_in_peace()
    {
        var world = new SubscriptionWorld();
        var (member, visitor) = (new FakeClient(), new FakeClient());
        world.Join(member);
        world.Write(visitor, "m1", visitor: true);
        world.Tell(new ReadMembers(visitor, 9, SubscriptionWorld.Room, Visitor: true, "", 10));
        world.Sent();

        world.Say(new StreamEnded(SubscriptionWorld.Room, world.Stream, Full: true));

        member.Heard.ShouldHaveSingleItem().ShouldContain("busy", Case.Insensitive);
        visitor.Heard.Count.ShouldBe(2);
        visitor.Heard.ShouldAllBe(h => h.Contains("busy", StringComparison.OrdinalIgnoreCase));
        world.RunForMs(3000);
        world.Sent().OfType<Subscribe>().ShouldBeEmpty();
    }

    [Fact]
    public void Who_is_in_a_room_whose_new_owner_has_too_many_stays_and_it_is_tried_again()
    {
        var world = new SubscriptionWorld();
        var client = world.Joined(head: 3);
        world.Say(new StreamEnded(SubscriptionWorld.Room, world.Stream));
        world.Sent();
        world.Say(new StreamEnded(SubscriptionWorld.Room, world.Stream, Full: true));
        world.RunForMs(900);
        world.Sent().ShouldBeEmpty();

        world.RunForMs(200);
        world.SentOne<Subscribe>();
        world.Open(3);
        world.Events(4);
        client.Heard.ShouldBe(["event 4"]);
    }

    [Fact]
    public void A_stream_that_ended_is_not_opened_again_where_nobody_waits_any_more()
    {
        var world = new SubscriptionWorld();
        var client = new FakeClient();
        world.Join(client);
        world.Say(new StreamEnded(SubscriptionWorld.Room, world.Stream));
        world.Leave(client, silent: true);
        var request = world.Sent().OfType<Enter>().Single().Request;
        world.Say(new Refused(SubscriptionWorld.Room, world.Stream, request, new(Protocol.ErrorCode.Unavailable, "no")));

        world.RunForMs(900);

        world.Sent().OfType<Subscribe>().ShouldBeEmpty();
    }

    private TestConnection Hello(string address)
    {
        var transport = new FakeTransport();
        var allowance = _world.Services.Limits.Connect(IPAddress.Parse(address)).Allowance;
        var client = new TestConnection(_world, transport, _world.Registry.OpenJson(transport, null, allowance));
        client.Send("""{"id":1,"t":"hello","name":"ann"}""");
        transport.Wire.Clear();
        return client;
    }

    private static void Join(TestConnection client, string room) => client.Send($$"""{"id":2,"t":"join","room":"{{room}}"}""");
}
