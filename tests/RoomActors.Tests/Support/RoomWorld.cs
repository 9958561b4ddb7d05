using ClusterChat.Diagnostics;
using ClusterChat.RoomActors.Journal;
using ClusterChat.RoomActors.Rooms;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests;

/// <summary>A node that owns rooms, in virtual time, over a journal that fails as it is told.</summary>
internal sealed class RoomWorld : IJournalSpace
{
    private Owner? _owner;

    public RoomWorld(Action<RoomOptions>? options = null, int seed = 1)
    {
        options?.Invoke(Options);
        Simulation = new Simulation(seed);
        Journal = new FaultyJournal(Store, Gate.Decide, Gate.DelayAsync);
    }

    public RoomOptions Options { get; } = new() { CommitInterval = TimeSpan.Zero };

    public Simulation Simulation { get; }

    public InMemoryJournal Store { get; } = new();

    public JournalGate Gate { get; } = new();

    public FaultyJournal Journal { get; }

    /// <summary>Whether the store has no space for messages.</summary>
    public bool IsFull { get; set; }

    public RecordingLinks Links { get; } = new();

    public MeterReader Meters { get; } = new();

    /// <summary>The world's own node.</summary>
    public Owner Owner => _owner ??= new Owner(this, 0, string.Empty, new NodeDiagnostics(Meters.Meters, null));

    public RoomsNode Node => Owner.Node;

    /// <summary>What is stored of the lobby.</summary>
    public IReadOnlyList<StoredEvent> Stored => Store.Find(Make.Room)?.Events ?? [];

    public TestGateway Gateway(string name = "gw", string room = Make.Room) => new(this, Owner, name, room);

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
