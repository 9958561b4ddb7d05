using ClusterChat.Cluster;
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
        _world.Region.Count.ShouldBe(1);
        gateway.Unsubscribe();
        _world.RunFor(_world.Options.IdleAfter + TimeSpan.FromSeconds(2));
        _world.Region.Count.ShouldBe(0);

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

        // At the very moment of the idle timer.
        world.Simulation.After(world.Options.IdleAfter, () => gateway.Subscribe());
        world.RunFor(world.Options.IdleAfter);
        gateway.Single<Subscribed>().Stream.ShouldBe(2);
        world.RunFor(world.Options.IdleAfter * 3);
        world.Region.Count.ShouldBe(1);
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
        _world.Region.Count.ShouldBe(1);
        _world.Gate.Open();
        _world.Gate.Release(JournalOperation.Append);
        _world.RunFor(_world.Options.IdleAfter * 3);
        _world.Region.Count.ShouldBe(0);
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

        var all = await _world.Region.ListRoomsAsync("", "", 50, default);
        all.Rooms.Select(r => (r.Room, r.Count, r.Seq)).ShouldBe([("a", 1, 1), ("ab", 1, 0), ("stored", 0, 1), ("～", 1, 1), ("😀", 1, 1)]);
        all.More.ShouldBeFalse();
        var page = await _world.Region.ListRoomsAsync("a", "a", 50, default);
        page.Rooms.Select(r => r.Room).ShouldBe(["ab"]);
        page = await _world.Region.ListRoomsAsync("", "a", 2, default);
        page.Rooms.Select(r => r.Room).ShouldBe(["ab", "stored"]);
        page.More.ShouldBeTrue();
    }
}
