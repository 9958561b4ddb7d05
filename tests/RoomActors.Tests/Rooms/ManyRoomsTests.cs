using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>Rooms that nobody writes to, and more of them than there may be.</summary>
public sealed class ManyRoomsTests
{
    [Fact]
    public void A_room_without_an_event_is_not_stored_and_stops_soon_after_its_last_subscriber()
    {
        var world = new RoomWorld();
        var empty = world.Gateway("gw", "empty").Connect();
        empty.Read(0, 10);
        var used = world.Gateway("gw", "used").Connect().Fill(1);
        empty.Unsubscribe();
        used.Unsubscribe();
        world.RunFor(world.Options.EmptyIdleAfter + TimeSpan.FromSeconds(1));

        world.Node.Count.ShouldBe(1);
        world.Store.Rooms.ShouldHaveSingleItem().Name.ShouldBe("used");
        world.RunFor(world.Options.IdleAfter);
        world.Node.Count.ShouldBe(0);
    }

    [Fact]
    public void Whoever_opens_an_unwritten_room_elsewhere_costs_its_owner_one_more_opening_and_nobody_notices()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway();
        gateway.Subscribe();
        world.Run();
        var log = gateway.Single<Subscribed>().Log;
        gateway.Clear();
        Make.Completed(world.Store.OpenAsync(Make.Room, 0, 0, default)).ShouldNotBeNull().Log.ShouldBe(log);

        gateway.Write("a");
        gateway.Write("b");
        world.Run();

        gateway.Answers.Select(a => a.Seq).ShouldBe([1, 2]);
        gateway.All<StreamEnded>().ShouldBeEmpty();
        world.Gate.Count(JournalOperation.Open).ShouldBe(2);
        world.Store.Find(Make.Room)!.Log.ShouldBe(log);
    }

    [Fact]
    public void Beyond_the_limit_a_room_is_refused_at_once_and_those_that_are_there_go_on()
    {
        var world = new RoomWorld(o => o.MaxActive = 3);
        var first = world.Gateway("gw", "r1").Connect();
        world.Gateway("gw", "r2").Connect();
        world.Gateway("gw", "r3").Connect();

        var late = world.Gateway("late", "r4").Subscribe();
        late.Enter(null);
        late.Read(0, 10);
        late.Write("a");
        world.Run();

        late.All<Refused>().Select(r => r.Error.Code).ShouldBe([ErrorCode.Busy, ErrorCode.Busy]);
        late.All<Refused>().ShouldAllBe(r => r.Error.RetryMs >= 1000);
        late.Answers.ShouldHaveSingleItem().Error!.Code.ShouldBe(ErrorCode.Busy);
        late.Single<StreamEnded>().Full.ShouldBeTrue();
        world.Node.Count.ShouldBe(3);
        world.Meters.Value("clusterchat_rooms_refused_total").ShouldBe(1);
        first.Fill(1);
    }

    [Fact]
    public void Near_the_limit_rooms_without_subscribers_go_at_once()
    {
        var world = new RoomWorld(o => o.MaxActive = 4);
        world.Gateway("gw", "r1").Connect().Fill(1);
        var second = world.Gateway("gw", "r2").Connect().Fill(1);
        second.Unsubscribe();
        world.RunFor(TimeSpan.FromSeconds(2));
        world.Node.Count.ShouldBe(2, "there is room enough");

        world.Gateway("gw", "r3").Connect();
        world.RunFor(TimeSpan.FromSeconds(1));
        world.Node.Count.ShouldBe(2);
        second.Connect().Fill(1);
    }

    [Fact]
    public void A_room_that_comes_with_what_it_knew_is_not_refused()
    {
        var world = new RoomWorld(o => o.MaxActive = 1);
        world.Gateway("gw", "r1").Connect();
        world.Node.Keep("moved", new RoomHandover("log", 1, 0, [], [], null, []));

        world.Gateway("gw", "moved").Connect();

        world.Node.Count.ShouldBe(2);
    }
}
