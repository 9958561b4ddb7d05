using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// The rooms that are active on this node: starts a room's actor with the first message for it, and forgets it
/// when it has passivated.
/// </summary>
public sealed class RoomRegion : IRoomRegion, IDisposable
{
    private readonly ActorDirectory<ActiveRoom> _rooms;
    private readonly ActorSystem _system;
    private readonly IGatewayLinks _links;
    private readonly IJournal _journal;
    private readonly RoomOptions _options;
    private readonly IRoomHandovers? _handovers;
    private readonly RoomDependencies _durable;
    private readonly RoomDependencies _memory;
    private readonly ITimer _heads;
    private volatile bool _stopping;

    /// <summary>Creates the region, with the writer that commits for all of its rooms.</summary>
    /// <param name="system">Where the actors run.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="journal">Where durable rooms are kept.</param>
    /// <param name="links">The way to the gateways.</param>
    /// <param name="view">The number of the view under which this node owns a room, 0 without a cluster; null where it does not.</param>
    /// <param name="options">The limits of rooms.</param>
    /// <param name="newId">Makes random names (of logs of memory rooms).</param>
    /// <param name="logger">The log.</param>
    /// <param name="handovers">The way to rooms' next owners; null where the engine has none.</param>
    /// <param name="diagnostics">Where it shows what it does; null for nowhere.</param>
    public RoomRegion(
        ActorSystem system,
        TimeProvider clock,
        IJournal journal,
        IGatewayLinks links,
        Func<string, long?> view,
        RoomOptions options,
        Func<string> newId,
        ILogger<RoomRegion> logger,
        IRoomHandovers? handovers = null,
        NodeDiagnostics? diagnostics = null)
    {
        _system = system;
        _rooms = new ActorDirectory<ActiveRoom>(Start, options.MailboxCapacity);
        _links = links;
        _journal = journal;
        _options = options;
        _handovers = handovers;
        var writer = JournalWriter.Start(system, journal, new JournalWriterSettings(clock, options.CommitInterval));
        var metrics = new RoomMetrics(diagnostics?.Meters, () => Count);
        var traces = diagnostics?.Traces;
        _durable = new RoomDependencies(clock, options, journal, writer, links, view, null, handovers, logger) { Metrics = metrics, Traces = traces };
        var memory = new VolatileJournal(newId);
        _memory = new RoomDependencies(clock, options, memory, memory, links, view, memory, handovers, logger) { Metrics = metrics, Traces = traces };
        _heads = clock.CreateTimer(static region => ((RoomRegion)region!).RepeatHeads(), this, options.HeadInterval, options.HeadInterval);
    }

    /// <summary>How many rooms are active.</summary>
    public int Count
    {
        get
        {
            _rooms.Prune();
            return _rooms.Count;
        }
    }

    /// <inheritdoc/>
    public bool Deliver(ToRoom message)
    {
        if (message is Unsubscribe or Leave or Typing)
        {
            // Of no use to a room that is not active, and no reason to activate it.
            return _rooms.Find(message.Room) is not { IsClosed: false } room || room.TryTell(message, _options.MailboxCapacity);
        }

        // A node that stops may be the owner still: others that come send to it before they know better.
        return !_stopping && _rooms.Tell(message.Room, message);
    }

    /// <inheritdoc/>
    public async ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        var stored = await _journal.ListRoomsAsync(prefix, after, limit + 1, cancellationToken);
        var rooms = new SortedDictionary<string, ListedRoom>(Utf8Order.Instance);
        foreach (var room in stored)
        {
            rooms[room.Room] = new ListedRoom(room.Room, 0, room.Head);
        }

        foreach (var room in _rooms.All)
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
    public void Keep(Func<string, bool> isOwned)
    {
        foreach (var room in _rooms.All)
        {
            if (!isOwned(room.Name))
            {
                room.TryTell(MovedAway.Instance, int.MaxValue);
            }
        }
    }

    /// <inheritdoc/>
    public void TakeOver(string room, RoomHandover? state)
    {
        if (state is not null && !_stopping)
        {
            // Where the mailbox is full the room is active, and has no use for it.
            _rooms.Tell(room, new HandedOver(state));
        }
        else
        {
            _rooms.Find(room)?.TryTell(new HandedOver(null), int.MaxValue);
        }
    }

    /// <inheritdoc/>
    public void GiveUp(string room)
    {
        // A room that has just stopped has handed over what it knew before.
        if (!(_rooms.Find(room)?.TryTell(MovedAway.Asked, int.MaxValue) ?? false))
        {
            _handovers?.HandOver(room, null);
        }
    }

    /// <inheritdoc/>
    public void RemoveGateway(string gateway)
    {
        // All of them: a room that is opening shows no subscribers yet, and what the gateway asked last may wait in any mailbox.
        var gone = new GatewayGone(gateway);
        foreach (var room in _rooms.All)
        {
            room.TryTell(gone, int.MaxValue);
        }
    }

    /// <summary>No room is started any more; those that are there stop, and end their streams.</summary>
    public Task StopAsync()
    {
        _stopping = true;
        return _system.Terminate();
    }

    /// <inheritdoc/>
    public void Dispose() => _heads.Dispose();

    private ActiveRoom Start(string name)
    {
        var room = new ActiveRoom(name);
        var services = _options.IsMemory(name) ? _memory : _durable;
        room.Actor = _system.ActorOf(Props.Create(() => new RoomActor(room, services)).WithMailbox(MailboxNames.Turn));
        return room;
    }

    private void RepeatHeads()
    {
        var heads = new Dictionary<string, List<RoomHead>>(StringComparer.Ordinal);
        _rooms.Prune();
        foreach (var room in _rooms.All)
        {
            if (room.Activation is { } activation)
            {
                foreach (var gateway in activation.Gateways)
                {
                    if (!heads.TryGetValue(gateway, out var list))
                    {
                        heads.Add(gateway, list = []);
                    }

                    list.Add(new RoomHead(room.Name, activation.Log, activation.Epoch, room.Head));
                }
            }
        }

        foreach (var (gateway, list) in heads)
        {
            _links.TellHeads(gateway, list);
        }
    }
}
