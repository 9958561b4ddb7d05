using Akka.Actor;
using ClusterChat.Diagnostics;
using ClusterChat.RoomActors.Journal;
using ClusterChat.RoomActors.Rooms;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.RoomActors.Tests;

/// <summary>A node that owns rooms, in virtual time, over a journal that fails as it is told.</summary>
internal sealed class RoomWorld
{
    private int _ids;

    public RoomWorld(Action<RoomOptions>? options = null, int seed = 1)
    {
        options?.Invoke(Options);
        Simulation = new Simulation(seed);
        Journal = new FaultyJournal(Store, Gate.Decide, Gate.DelayAsync);
        System = Simulation.CreateActorSystem();
        Region = new RoomRegion(System, Simulation.Clock, Journal, Links, _ => 0, Options, () => $"-{++_ids}", NullLogger<RoomRegion>.Instance, null, new NodeDiagnostics(Meters.Meters, null));
    }

    public RoomOptions Options { get; } = new() { CommitInterval = TimeSpan.Zero };

    public Simulation Simulation { get; }

    public InMemoryJournal Store { get; } = new();

    public JournalGate Gate { get; } = new();

    public FaultyJournal Journal { get; }

    public RecordingLinks Links { get; } = new();

    public ActorSystem System { get; }

    public MeterReader Meters { get; } = new();

    public RoomRegion Region { get; }

    /// <summary>What is stored of the lobby.</summary>
    public IReadOnlyList<StoredEvent> Stored => Store.Find(Make.Room)!.Events;

    public TestGateway Gateway(string name = "gw", string room = Make.Room) => new(this, name, room);

    /// <summary>Runs all that is ready; timers do not fire.</summary>
    public void Run() => Simulation.RunUntilIdle();

    public void RunFor(TimeSpan time) => Simulation.RunFor(time);

    public void RunForMs(int milliseconds) => RunFor(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Another owner takes the room over and commits an event there.</summary>
    public void CommitElsewhere(string mid, string room = Make.Room, long view = 0)
    {
        var opened = Make.Completed(Store.OpenAsync(room, view, 10, default))!;
        var entry = new AppendEntry(room, opened.Epoch, opened.Head, [Make.Event(opened.Head + 1, "elsewhere", mid)]);
        Make.Completed(Store.AppendAsync([entry], default))[0].Status.ShouldBe(AppendStatus.Committed);
    }
}
