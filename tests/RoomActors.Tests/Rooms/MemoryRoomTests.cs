using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>Rooms without a journal.</summary>
public sealed class MemoryRoomTests
{
    private readonly RoomWorld _world = new(o =>
    {
        o.Memory.Add("game:*");
        o.MemoryTailEvents = 5;
    });

    [Fact]
    public void It_leaves_no_trace_in_the_journal()
    {
        var gateway = Game().Connect().Fill(3);
        gateway.Read(0, 10);
        _world.Run();
        gateway.Single<EventPage>().EndSeq.ShouldBe(3);
        _world.Store.Find("game:1").ShouldBeNull();
        _world.Gate.Calls.ShouldBeEmpty();
    }

    [Fact]
    public void A_new_activation_is_a_new_log_under_a_higher_epoch()
    {
        var gateway = Game().Subscribe();
        _world.Run();
        var first = gateway.Single<Subscribed>();
        gateway.Clear().Fill(2).Unsubscribe();
        _world.RunFor(TimeSpan.FromMinutes(2));

        gateway.Subscribe();
        gateway.Enter(null, new Position(first.Log, 2));
        _world.Run();
        gateway.Single<Subscribed>().ShouldSatisfyAllConditions(
            s => s.Log.ShouldNotBe(first.Log), s => s.Epoch.ShouldBeGreaterThan(first.Epoch), s => s.Head.ShouldBe(0));
        gateway.Single<EventPage>().Recovered.ShouldBeFalse();
    }

    [Fact]
    public void A_since_beyond_the_head_does_not_begin_the_room_anew()
    {
        var gateway = Game().Subscribe();
        _world.Run();
        var log = gateway.Single<Subscribed>().Log;
        gateway.Clear().Fill(3);
        gateway.Enter(null, new Position(log, 900));
        _world.Run();
        gateway.All<StreamEnded>().ShouldBeEmpty();
        gateway.Single<EventPage>().ShouldSatisfyAllConditions(
            p => p.Log.ShouldBe(log), p => p.Recovered.ShouldBeFalse(), p => p.EndSeq.ShouldBe(3));
    }

    [Fact]
    public void What_is_no_longer_in_memory_cannot_be_resumed()
    {
        var gateway = Game().Subscribe();
        _world.Run();
        var log = gateway.Single<Subscribed>().Log;
        gateway.Clear().Fill(12);
        gateway.Enter(null, new Position(log, 6));
        gateway.Enter(null, new Position(log, 7));
        gateway.Read(0, 10, 9, newest: true);
        _world.Run();
        gateway.All<EventPage>().Select(p => (p.Recovered, p.FirstSeq, p.EndSeq, p.More)).ShouldBe(
            [(false, 8, 12, false), (true, 8, 12, false), (true, 8, 8, false)]);
    }

    [Fact]
    public void Ids_of_writes_are_remembered_for_ten_minutes()
    {
        var gateway = Game().Connect();
        gateway.Write("a");
        _world.RunFor(TimeSpan.FromMinutes(10));
        gateway.Write("b");
        gateway.Write("a");
        _world.RunFor(TimeSpan.FromMinutes(1));
        gateway.Write("c");
        _world.Run();
        gateway.Write("a");
        _world.Run();
        gateway.Answers.Select(a => (a.Seq, a.Dup)).ShouldBe([(1, false), (2, false), (1, true), (3, false), (4, false)]);
    }

    [Fact]
    public void An_activation_with_a_lower_number_than_a_gateway_knows_goes_on_under_a_higher_one()
    {
        var gateway = Game().Connect().Fill(2);
        gateway.Tell(new Subscribe("game:1", "gw", 100, [], Epoch: 1L << 50));
        _world.Run();
        gateway.Single<Subscribed>().ShouldSatisfyAllConditions(s => s.Epoch.ShouldBeGreaterThan(1L << 50), s => s.Head.ShouldBe(2));
    }

    private TestGateway Game(Owner owner) => new(_world, owner, "gw", "game:1");

    private TestGateway Game() => _world.Gateway("gw", "game:1");
}
