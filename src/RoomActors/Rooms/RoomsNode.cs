using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>A node's rooms: what they have in common, and what is asked of all of them.</summary>
public sealed class RoomsNode : IRoomsNode, IDisposable
{
    private readonly ActiveRooms _active;
    private readonly GoneGateways _gone = new();
    private readonly RoomKeeper _keeper;
    private readonly IGatewayLinks _links;
    private readonly FairReads _reads;
    private readonly RoomOptions _options;
    private readonly RoomDependencies _durable;
    private readonly RoomDependencies _memory;
    private readonly ITimer _heads;

    /// <summary>Creates it, with the writer that commits for all of its rooms.</summary>
    /// <param name="system">Where the actors run.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="journal">Where durable rooms are kept.</param>
    /// <param name="links">The way to the gateways.</param>
    /// <param name="keepers">The nodes that keep what rooms knew while they move.</param>
    /// <param name="views">Under which view rooms are opened.</param>
    /// <param name="options">The limits of rooms.</param>
    /// <param name="newId">Makes random names (of logs of memory rooms).</param>
    /// <param name="logger">The log.</param>
    /// <param name="diagnostics">Where it shows what it does; null for nowhere.</param>
    /// <param name="space">Whether the journal has space for more; null where it always has.</param>
    public RoomsNode(
        IActorRefFactory system,
        TimeProvider clock,
        IJournal journal,
        IGatewayLinks links,
        IRoomKeepers keepers,
        IClusterViews views,
        RoomOptions options,
        Func<string> newId,
        ILogger<RoomsNode> logger,
        NodeDiagnostics? diagnostics = null,
        IJournalSpace? space = null)
    {
        _links = links;
        _options = options;
        _active = new ActiveRooms(options.ActiveLimit);
        _keeper = new RoomKeeper(options, clock);
        var writer = JournalWriter.Start(system, journal, new JournalWriterSettings(clock, options.CommitInterval));
        var names = new HeldNames(options, clock);
        var metrics = new RoomMetrics(diagnostics?.Meters, _active, names);
        var traces = diagnostics?.Traces;
        var reads = new FairReads(journal, options, metrics);
        metrics.Watch(reads);
        _reads = reads;
        _durable = new RoomDependencies(clock, options, reads, writer, links, views, _active, _keeper, keepers, null, logger)
        {
            Metrics = metrics,
            Traces = traces,
            Gone = _gone,
            Space = space,
            Names = names,
        };
        var memory = new VolatileJournal(newId);
        _memory = new RoomDependencies(clock, options, memory, memory, links, views, _active, _keeper, keepers, memory, logger) { Metrics = metrics, Traces = traces, Gone = _gone, Names = names };
        _heads = clock.CreateTimer(static node => ((RoomsNode)node!).Sweep(), this, options.HeadInterval, options.HeadInterval);
    }

    /// <summary>How many rooms are active.</summary>
    public int Count => _active.Count;

    /// <summary>How to make the actor of a room: an entity of a shard region. Its stop message is <see cref="StopRoom"/>.</summary>
    public Props Entity(string room)
    {
        var services = _options.IsMemory(room) ? _memory : _durable;
        return Props.Create(() => new RoomActor(room, services)).WithMailbox(MailboxNames.Turn);
    }

    /// <inheritdoc/>
    public async ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        var stored = await _reads.ListRoomsAsync(prefix, after, limit + 1, cancellationToken);
        var rooms = new SortedDictionary<string, ListedRoom>(Utf8Order.Instance);
        foreach (var room in stored)
        {
            rooms[room.Room] = new ListedRoom(room.Room, 0, room.Head);
        }

        foreach (var room in _active.All)
        {
            var listed = rooms.ContainsKey(room.Name);
            if (listed || ((room.Count > 0 || room.Head > 0)
                && room.Name.StartsWith(prefix, StringComparison.Ordinal)
                && Utf8Order.Instance.Compare(room.Name, after) > 0))
            {
                rooms[room.Name] = new ListedRoom(room.Name, room.Count, Math.Max(room.Head, listed ? rooms[room.Name].Seq : 0));
            }
        }

        var page = rooms.Values.Take(limit).ToList();
        return new RoomListing(page, rooms.Count > limit);
    }

    /// <inheritdoc/>
    public bool Keep(string room, RoomHandover state) => _keeper.Keep(room, state);

    /// <inheritdoc/>
    public void RemoveGateway(string gateway)
    {
        // Before the rooms are told: what the gateway asked last and comes behind that is refused.
        _gone.Add(gateway);

        // All of them: a room that is opening shows no subscribers yet, and what the gateway asked last may wait in any mailbox.
        var gone = new GatewayGone(gateway);
        foreach (var room in _active.All)
        {
            room.Actor.Tell(gone, ActorRefs.NoSender);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _heads.Dispose();

    private void Sweep()
    {
        if (_active.IsNearlyFull)
        {
            LetIdleGo();
        }

        RepeatHeads();
    }

    /// <summary>Rooms that nobody needs go before others are refused. One that is needed again meanwhile stays.</summary>
    private void LetIdleGo()
    {
        foreach (var room in _active.All)
        {
            if (room.Activation is { Gateways.IsEmpty: true, Awaited.IsEmpty: true })
            {
                room.Actor.Tell(IdleTimeout.Instance, ActorRefs.NoSender);
            }
        }
    }

    private void RepeatHeads()
    {
        // In the order in which they came: that of the rooms in memory differs from run to run.
        var rooms = _active.All.ToList();
        rooms.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        var heads = new SortedDictionary<string, List<RoomHead>>(StringComparer.Ordinal);
        foreach (var room in rooms)
        {
            if (room.Activation is { } activation)
            {
                var head = new RoomHead(room.Name, activation.Log, activation.Epoch, room.Head, room.Count);
                foreach (var gateway in activation.Gateways)
                {
                    if (!heads.TryGetValue(gateway, out var list))
                    {
                        heads.Add(gateway, list = []);
                    }

                    list.Add(head);
                }
            }
        }

        foreach (var (gateway, list) in heads)
        {
            _links.TellHeads(gateway, list);
        }
    }
}
