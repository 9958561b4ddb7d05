using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>Rooms that come, rest, fail and come again; the list of them; their heads.</summary>
public sealed class LifeTests
{
    private readonly RoomWorld _world = new();

    [Fact]
    public void A_room_without_subscribers_passivates_and_comes_back_with_all_it_had()
    {
        var gateway = _world.Gateway().Connect().Fill(3);
        _world.RunFor(TimeSpan.FromMinutes(5));
        _world.Node.Count.ShouldBe(1);
        gateway.Unsubscribe();
        _world.RunFor(_world.Options.IdleAfter + TimeSpan.FromSeconds(2));
        _world.Node.Count.ShouldBe(0);

        gateway.Connect();
        gateway.Read(0, 10);
        gateway.Write("fill1");
        _world.Run();
        gateway.Single<EventPage>().EndSeq.ShouldBe(3);
        gateway.Answers.ShouldHaveSingleItem().ShouldSatisfyAllConditions(a => a.Seq.ShouldBe(2), a => a.Dup.ShouldBeTrue());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_message_that_races_with_passivation_is_not_lost(int seed)
    {
        var world = new RoomWorld(seed: seed);
        var gateway = world.Gateway().Connect();
        gateway.Unsubscribe();
        world.Run();

        // At the very moment of the idle timer. It comes before the room asks to rest, meanwhile, or after; the gateway asks again only where its
        // stream was ended.
        world.Simulation.After(world.Options.EmptyIdleAfter, () => gateway.Subscribe());
        world.RunFor(world.Options.EmptyIdleAfter);
        gateway.Told.ShouldNotBeEmpty();
        if (gateway.Told[^1] is StreamEnded ended)
        {
            ended.Stream.ShouldBe(2);
            gateway.Clear().Subscribe();
            world.Run();
        }

        gateway.Single<Subscribed>().Stream.ShouldBe(gateway.Stream);
        world.RunFor(world.Options.IdleAfter * 3);
        world.Node.Count.ShouldBe(1);
    }

    [Fact]
    public void What_comes_while_a_room_goes_to_rest_waits_for_its_next_activation()
    {
        var gateway = _world.Gateway().Connect();
        _world.Gate.Stop(JournalOperation.Append, JournalStage.Answer);
        gateway.Write("a");
        _world.Run();
        _world.Owner.Rest(Make.Room);
        _world.Run();
        gateway.Subscribe(Make.Member("ann"));
        gateway.Write("b");
        _world.Run();
        gateway.Told.ShouldBeEmpty();

        _world.Gate.Open();
        _world.Gate.Release(JournalOperation.Append);
        _world.Run();
        gateway.Told.Take(3).Select(m => (m.GetType(), m.Stream)).ShouldBe(
            [(typeof(WritesDone), 1), (typeof(EventsCommitted), 1), (typeof(StreamEnded), 1)]);
        gateway.Single<Subscribed>().ShouldSatisfyAllConditions(s => s.Stream.ShouldBe(2), s => s.Head.ShouldBe(1), s => s.Epoch.ShouldBe(2));
        gateway.Answers.Select(a => a.Seq).ShouldBe([1, 2]);
    }

    [Fact]
    public void A_room_that_comes_back_to_life_before_it_is_told_to_rest_ends_the_streams_that_it_opened()
    {
        var gateway = _world.Gateway().Connect();
        gateway.Unsubscribe();
        _world.Run();
        gateway.Subscribe();
        _world.Run();
        _world.Owner.Rest(Make.Room);
        _world.Run();
        gateway.Told.Select(m => (m.GetType(), m.Stream)).ShouldBe([(typeof(Subscribed), 2), (typeof(StreamEnded), 2)]);
    }

    [Fact]
    public void A_node_that_is_no_member_opens_nothing()
    {
        _world.Owner.Views.Number = null;
        var gateway = _world.Gateway().Subscribe();
        gateway.Write("a");
        _world.Run();
        gateway.Told.Select(m => m.GetType()).ShouldBe([typeof(StreamEnded), typeof(WritesDone)]);
        gateway.Answers.ShouldHaveSingleItem().Error!.Code.ShouldBe(ErrorCode.Unavailable);
        _world.Node.Count.ShouldBe(0);
        _world.Gate.Calls.ShouldBeEmpty();

        _world.Owner.Views.Number = 3;
        gateway.Connect();
    }

    [Fact]
    public void A_node_that_is_no_member_any_more_does_not_open_a_room_again_that_was_fenced()
    {
        var gateway = _world.Gateway().Connect();
        _world.CommitElsewhere("x", view: 7);
        _world.Owner.Views.Number = null;
        gateway.Write("a");
        _world.Run();
        gateway.Told.ShouldHaveSingleItem().ShouldBeOfType<StreamEnded>();
        _world.Node.Count.ShouldBe(0);
        (_world.Gate.Count(JournalOperation.Open), _world.Gate.Count(JournalOperation.Append)).ShouldBe((1, 1));
    }

    [Fact]
    public void A_room_that_was_opened_under_a_newer_view_looks_for_that_view_and_rests()
    {
        var gateway = _world.Gateway().Connect();
        _world.CommitElsewhere("x", view: 7);
        gateway.Write("a");
        _world.Run();
        gateway.Told.ShouldHaveSingleItem().ShouldBeOfType<StreamEnded>();
        _world.Owner.Views.Refreshes.ShouldBe(1);
        _world.Node.Count.ShouldBe(0);
        (_world.Gate.Count(JournalOperation.Open), _world.Gate.Count(JournalOperation.Append)).ShouldBe((2, 1));

        // The room is this node's again, under the newer view.
        _world.Owner.Views.Number = 7;
        gateway.Connect();
        gateway.Write("a");
        _world.Run();
        gateway.Answers.ShouldHaveSingleItem().Seq.ShouldBe(2);
    }

    [Fact]
    public void A_room_that_still_commits_does_not_passivate()
    {
        var gateway = _world.Gateway().Connect();
        _world.Gate.Stop(JournalOperation.Append, JournalStage.Answer);
        gateway.Write("a");
        _world.Run();
        gateway.Unsubscribe();
        _world.RunFor(_world.Options.IdleAfter * 3);
        _world.Node.Count.ShouldBe(1);
        _world.Gate.Open();
        _world.Gate.Release(JournalOperation.Append);
        _world.RunFor(_world.Options.IdleAfter * 3);
        _world.Node.Count.ShouldBe(0);
    }

    [Fact]
    public void A_room_that_fails_tells_its_streams_and_is_replaced()
    {
        var gateway = _world.Gateway().Connect().Fill(2);
        _world.Links.ThrowOn = m => m is EventPage;
        gateway.Read(0, 10);
        _world.Run();
        gateway.Told.ShouldHaveSingleItem().ShouldBeOfType<StreamEnded>();

        gateway.Clear().Subscribe();
        gateway.Read(0, 10);
        _world.Run();
        gateway.Single<Subscribed>().ShouldSatisfyAllConditions(s => s.Epoch.ShouldBe(2), s => s.Head.ShouldBe(2));
        gateway.Single<EventPage>().EndSeq.ShouldBe(2);
    }

    [Fact]
    public void Heads_are_repeated_to_each_gateway_together_and_only_where_it_is_subscribed()
    {
        _world.Gateway("gw1", "a").Connect().Fill(2);
        _world.Gateway("gw1", "b").Connect();
        var two = _world.Gateway("gw2", "b").Connect();
        _world.RunFor(TimeSpan.FromSeconds(1));
        _world.Links.Heads.ToDictionary(h => h.Gateway, h => string.Join(' ', h.Heads.OrderBy(x => x.Room).Select(x => $"{x.Room}:{x.Head}")))
            .ShouldBe(new Dictionary<string, string> { ["gw1"] = "a:2 b:0", ["gw2"] = "b:0" }, ignoreOrder: true);

        _world.Links.Heads.Clear();
        two.Unsubscribe();
        _world.RunFor(TimeSpan.FromSeconds(1));
        _world.Links.Heads.ShouldHaveSingleItem().Gateway.ShouldBe("gw1");
    }

    [Fact]
    public async Task The_list_has_stored_rooms_and_active_ones_in_the_order_of_their_bytes()
    {
        foreach (var room in new[] { "～", "😀", "a" })
            _world.Gateway("gw", room).Connect(Make.Member("ann")).Fill(1);
        _world.Gateway("gw", "ab").Connect(Make.Member("ann"));
        _world.Gateway("gw", "empty").Connect();
        _world.CommitElsewhere("x", "stored");

        var all = await _world.Node.ListRoomsAsync("", "", 50, default);
        all.Rooms.Select(r => (r.Room, r.Count, r.Seq)).ShouldBe([("a", 1, 1), ("ab", 1, 0), ("stored", 0, 1), ("～", 1, 1), ("😀", 1, 1)]);
        all.More.ShouldBeFalse();
        var page = await _world.Node.ListRoomsAsync("a", "a", 50, default);
        page.Rooms.Select(r => r.Room).ShouldBe(["ab"]);
        page = await _world.Node.ListRoomsAsync("", "a", 2, default);
        page.Rooms.Select(r => r.Room).ShouldBe(["ab", "stored"]);
        page.More.ShouldBeTrue();
    }
}
