using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Tests.Connections;

/// <summary>A client that speaks JSON, from hello to its end.</summary>
public sealed class JsonConnectionTests : IDisposable
{
    private readonly ConnectionWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Hello_is_welcomed_and_its_session_makes_the_same_guest_again()
    {
        var first = _world.OpenJson().Send("""{"id":1,"t":"hello","name":"ann"}""");
        var session = first.Json().Single().GetProperty("session").GetString();
        var again = _world.OpenJson().Send($$"""{"id":1,"t":"hello","name":"ann","session":"{{session}}"}""");
        again.Json().Single().GetProperty("session").GetString().ShouldBe(session);
    }

    [Theory]
    [InlineData("")]
    [InlineData("!!!")]
    [InlineData("AAAA")]
    public void An_invalid_session_is_ignored(string session)
        => _world.OpenJson().Send($$"""{"id":1,"t":"hello","name":"ann","session":"{{session}}"}""").Types.ShouldBe(["welcome"]);

    [Fact]
    public void A_second_hello_is_a_bad_request()
    {
        var client = _world.Hello().Send("""{"id":2,"t":"hello","name":"bob"}""");
        client.Errors.ShouldBe(["bad_request"]);
        client.Closed.ShouldBeNull();
    }

    [Fact]
    public void A_hello_without_a_good_name_may_be_said_again()
    {
        var client = _world.OpenJson().Send("""{"id":1,"t":"hello","name":""}""").Send("""{"id":2,"t":"hello","name":"ann"}""");
        client.Types.ShouldBe(["error", "welcome"]);
    }

    [Theory]
    [InlineData("""{"id":1,"t":"join","room":"lobby"}""")]
    [InlineData("""{"id":1,"t":"ping"}""")]
    [InlineData("""{"id":1,"t":"nonsense"}""")]
    public void Anything_before_hello_closes_with_3500(string line)
    {
        var client = _world.OpenJson().Send(line);
        client.Closed.ShouldBe("3500");
        _world.Cluster.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void No_hello_in_time_closes_with_3500()
    {
        var client = _world.OpenJson();
        _world.RunFor(TimeSpan.FromSeconds(9));
        client.Closed.ShouldBeNull();
        _world.RunFor(TimeSpan.FromSeconds(3));
        client.Closed.ShouldBe("3500");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[1]")]
    [InlineData("""{"t":"ping"} x""")]
    public void What_is_not_of_this_protocol_closes_with_3501_and_the_rest_is_dropped(string line)
    {
        var client = _world.Hello().Send(line + "\n{\"id\":5,\"t\":\"ping\"}");
        client.Closed.ShouldBe("3501");
        client.Types.ShouldBeEmpty();
    }

    [Fact]
    public void Frames_are_ignored_once_it_closes()
    {
        var client = _world.Hello().Send("nonsense");
        client.Send("""{"id":2,"t":"join","room":"lobby"}""");
        client.IsReading.ShouldBeTrue();
        _world.Cluster.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void Lines_of_a_frame_are_handled_in_order()
    {
        var client = _world.Hello().Send("{\"id\":1,\"t\":\"ping\"}\n\n{\"id\":2,\"t\":\"nonsense\"}\r\n{\"id\":3,\"t\":\"ping\"}\n");
        client.Json().Select(j => (j.GetProperty("id").GetInt32(), j.GetProperty("t").GetString())).ShouldBe(
            [(1, "pong"), (2, "error"), (3, "pong")]);
    }

    [Theory]
    [InlineData("""{"id":2,"t":"send","room":"lobby","mid":"m","text":"hi"}""")]
    [InlineData("""{"id":2,"t":"history","room":"lobby","before":5}""")]
    [InlineData("""{"id":2,"t":"members","room":"lobby"}""")]
    [InlineData("""{"id":2,"t":"leave","room":"lobby"}""")]
    public void Requests_that_need_a_join_are_refused_without_one(string line)
    {
        var client = _world.Hello().Send(line);
        client.Errors.ShouldBe(["not_joined"]);
        client.Connection.Unacked.ShouldBe(0);
    }

    [Fact]
    public void A_send_is_acked_and_delivered()
    {
        var client = _world.Hello().Send("""{"id":2,"t":"join","room":"lobby"}""");
        client.Send("""{"id":3,"t":"send","room":"lobby","mid":"m","text":"hi"}""");
        client.Connection.Unacked.ShouldBe(1);
        _world.Say(new WritesDone("lobby", _world.Stream("lobby"), [SubscriptionWorld.Ok(1, 1)]));
        client.Types.ShouldBe(["joined", "ack"]);
        client.Connection.Unacked.ShouldBe(0);
    }

    [Fact]
    public void A_connection_is_in_no_more_rooms_than_it_may()
    {
        using var world = new ConnectionWorld(o => o.MaxRooms = 2);
        var client = world.Hello();
        foreach (var room in new[] { "a", "b", "c", "a" })
            client.Send($$"""{"id":2,"t":"join","room":"{{room}}"}""");
        client.Types.ShouldBe(["joined", "joined", "error", "joined"]);
        client.Errors.ShouldBe(["room_limit"]);
        client.Send("""{"id":3,"t":"leave","room":"a"}""").Send("""{"id":4,"t":"join","room":"c"}""");
        client.Types.Skip(4).ShouldBe(["left", "joined"]);
    }

    [Fact]
    public void After_a_reset_the_client_is_not_joined_and_may_join_again()
    {
        var client = _world.Hello().Send("""{"id":2,"t":"join","room":"lobby"}""");
        _world.RunFor(TimeSpan.FromMilliseconds(200));
        _world.RoomsAnswer = false;
        _world.Say(new StreamEnded("lobby", _world.Stream("lobby")));
        var stream = _world.Cluster.Sent.OfType<Subscribe>().Last().Stream;
        _world.Say(new Subscribed("lobby", stream, "M", 2, 0));
        client.Send("""{"id":3,"t":"send","room":"lobby","mid":"m","text":"hi"}""");
        client.Types.ShouldBe(["joined", "reset", "error"]);
        client.Send("""{"id":4,"t":"join","room":"lobby","since":{"log":"L","seq":0}}""");
        _world.Cluster.Sent.OfType<Enter>().Last().Since!.Log.ShouldBe("L");
    }

    [Fact]
    public void Who_sends_too_fast_is_told_so_and_in_the_end_closed_with_3013()
    {
        using var world = new ConnectionWorld(o => (o.RequestsPerSecond, o.RequestBurst, o.RefusalBurst) = (10, 3, 5));
        var client = world.Hello();
        for (var i = 0; i < 20; i++)
            client.Send("""{"id":2,"t":"ping"}""");
        client.Types.ShouldBe(["pong", "pong", "error", "error", "error", "error", "error"]);
        client.Errors.ShouldAllBe(code => code == "rate_limited");
        client.Closed.ShouldBe("3013");
    }

    [Fact]
    public void Who_joins_too_often_is_told_so_and_stays_where_it_is()
    {
        using var world = new ConnectionWorld(o => (o.JoinsPerSecond, o.JoinBurst) = (2, 3));
        var client = world.Hello();
        world.RunFor(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 2; i++)
            client.Send("""{"id":2,"t":"join","room":"lobby"}""").Send("""{"id":3,"t":"leave","room":"lobby"}""");
        client.Send("""{"id":4,"t":"join","room":"lobby"}""").Send("""{"id":5,"t":"join","room":"lobby"}""");
        client.Types.ShouldBe(["joined", "left", "joined", "left", "joined", "error"]);
        client.Errors.ShouldBe(["rate_limited"]);
        client.Send("""{"id":6,"t":"history","room":"lobby"}""").Errors.Count().ShouldBe(1, "it is in the room still");
        client.Transport.Wire.Clear();
        world.RunFor(TimeSpan.FromMilliseconds(500));
        client.Send("""{"id":7,"t":"join","room":"lobby"}""").Types.ShouldBe(["joined"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData(" \r\n\n\t")]
    public void Frames_that_ask_nothing_count_like_requests(string frame)
    {
        using var world = new ConnectionWorld(o => (o.RequestsPerSecond, o.RequestBurst, o.RefusalBurst) = (10, 3, 5));
        var client = world.Hello();
        for (var i = 0; i < 20; i++)
            client.Send(frame);
        client.Errors.ShouldBe(Enumerable.Repeat("rate_limited", 5));
        client.Closed.ShouldBe("3013");

        // Before the hello, too.
        client = world.OpenJson();
        for (var i = 0; i < 20; i++)
            client.Send(frame);
        client.Closed.ShouldBe("3013");
    }

    [Fact]
    public void Frames_that_say_nothing_below_that_count_in_a_share_of_their_own()
    {
        using var world = new ConnectionWorld(o => (o.RequestsPerSecond, o.RequestBurst) = (10, 3));
        var client = world.Hello();
        world.RunFor(TimeSpan.FromSeconds(1));
        client.Connection.Idled(3).ShouldBeTrue();
        world.RunFor(TimeSpan.FromMilliseconds(100));
        client.Connection.Idled(1).ShouldBeTrue();
        client.Closed.ShouldBeNull();
        client.Send("""{"id":2,"t":"ping"}""").Types.ShouldBe(["pong"]);
        client.Connection.Idled(1).ShouldBeFalse();
        world.Run();
        client.Closed.ShouldBe("3013");
    }

    [Fact]
    public void Reading_pauses_while_too_many_writes_are_unacked()
    {
        using var world = new ConnectionWorld(o => o.MaxUnacked = 2);
        var client = world.Hello().Send("""{"id":2,"t":"join","room":"lobby"}""");
        client.Send(string.Join('\n', "abc".Select(m => $$"""{"id":3,"t":"send","room":"lobby","mid":"{{m}}","text":"hi"}""")));
        client.IsReading.ShouldBeFalse();
        world.Say(new WritesDone("lobby", world.Stream("lobby"), [SubscriptionWorld.Ok(1, 1)]));
        client.IsReading.ShouldBeFalse();
        world.Say(new WritesDone("lobby", world.Stream("lobby"), [SubscriptionWorld.Ok(2, 2)]));
        client.IsReading.ShouldBeTrue();
    }

    [Fact]
    public void The_end_of_a_connection_leaves_its_rooms()
    {
        var client = _world.Hello().Send("""{"id":2,"t":"join","room":"a"}""").Send("""{"id":3,"t":"join","room":"b"}""");
        _world.Registry.Remove(client.Connection);
        _world.Run();
        _world.Cluster.Sent.OfType<Leave>().Select(l => l.Room).ShouldBe(["a", "b"], ignoreOrder: true);
        _world.Registry.Count.ShouldBe(0);
    }

    [Fact]
    public void A_silent_client_is_pinged_and_then_closed_with_3012()
    {
        var client = _world.Hello();
        _world.RunFor(TimeSpan.FromSeconds(27));
        client.Transport.Wire.ShouldBe(["ping"]);
        client.Connection.Touch();
        _world.RunFor(TimeSpan.FromSeconds(27));
        client.Transport.Wire.ShouldBe(["ping", "ping"]);
        _world.RunFor(TimeSpan.FromSeconds(25));
        client.Closed.ShouldBe("3012");
        _world.RunFor(_world.Options.CloseTimeout + TimeSpan.FromSeconds(2));
        client.Transport.Wire.ShouldContain("abort");
    }

    [Fact]
    public void The_list_of_rooms_is_passed_on_or_unavailable()
    {
        var client = _world.Hello().Send("""{"id":2,"t":"rooms"}""");
        _world.Cluster.Listing = new RoomListing([new ListedRoom("lobby", 2, 45)], false);
        client.Send("""{"id":3,"t":"rooms"}""");
        client.Types.ShouldBe(["error", "rooms"]);
        client.Errors.ShouldBe(["unavailable"]);
    }

    [Fact]
    public void Typing_goes_on_once_a_second()
    {
        var client = _world.Hello().Send("""{"id":2,"t":"join","room":"lobby"}""");
        for (var i = 0; i < 5; i++)
        {
            client.Send("""{"t":"typing","room":"lobby"}""");
            _world.RunFor(TimeSpan.FromMilliseconds(400));
        }

        _world.Cluster.Sent.OfType<Typing>().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData("the line breaks", true)]
    [InlineData("it takes its leave", false)]
    [InlineData("too slow", true)]
    [InlineData("no pong", true)]
    [InlineData("too slow, and it takes its leave in answer", true)]
    [InlineData("disconnected by an admin", false)]
    [InlineData("its token ends", false)]
    [InlineData("the gateway leaves, and it closes to go elsewhere", true)]
    public void The_name_is_held_for_who_may_come_back(string how, bool isHeld)
    {
        var client = _world.Hello().Send("""{"id":2,"t":"join","room":"lobby"}""");
        var connection = client.Connection;
        switch (how)
        {
            case "it takes its leave":
                connection.TookLeave();
                break;
            case "too slow" or "too slow, and it takes its leave in answer":
                connection.Outbox.Close(CloseReason.Slow, how);
                if (how != "too slow")
                    connection.TookLeave();
                break;
            case "no pong":
                connection.Outbox.Close(CloseReason.NoPong, how);
                break;
            case "disconnected by an admin":
                connection.Outbox.Close(CloseReason.Disconnected, how);
                break;
            case "its token ends":
                connection.Outbox.Close(CloseReason.Unauthorized, how);
                break;
            case "the gateway leaves, and it closes to go elsewhere":
                _world.Services.Drain.Begin();
                connection.TookLeave();
                break;
        }

        _world.Registry.Remove(connection);
        _world.Run();
        _world.Cluster.Sent.OfType<Leave>().ShouldHaveSingleItem().MayReturn.ShouldBe(isHeld);
    }

    [Fact]
    public void Who_leaves_a_room_gives_its_name_up_also_while_the_gateway_leaves()
    {
        var client = _world.Hello().Send("""{"id":2,"t":"join","room":"lobby"}""");
        _world.Services.Drain.Begin();
        client.Send("""{"id":3,"t":"leave","room":"lobby"}""");
        _world.Cluster.Sent.OfType<Leave>().ShouldHaveSingleItem().MayReturn.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(5000, true)]
    public void A_name_that_is_taken_is_temporary_where_the_room_says_when_to_try_again(int retryMs, bool isTemporary)
    {
        _world.RoomsAnswer = false;
        var client = _world.Hello().Send("""{"id":2,"t":"join","room":"lobby","since":{"log":"L","seq":1}}""");
        var enter = _world.Cluster.Sent.OfType<Enter>().ShouldHaveSingleItem();
        _world.Say(new Refused("lobby", enter.Stream, enter.Request, new ProtocolError(ErrorCode.NameTaken, "no", retryMs)));
        var error = client.Json().ShouldHaveSingleItem();
        error.GetProperty("code").GetString().ShouldBe("name_taken");
        error.GetProperty("temporary").GetBoolean().ShouldBe(isTemporary);
        error.TryGetProperty("retryMs", out _).ShouldBe(isTemporary);
    }
}
