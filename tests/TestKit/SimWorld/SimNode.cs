using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Gateway;
using ClusterChat.RoomActors.Rooms;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.TestKit;

/// <summary>
/// A node in a process of the simulated world: put together, started and stopped as the host does it, with what is its
/// own of the host (files, sockets, the web server) left out.
/// </summary>
internal sealed class SimNode
{
    private readonly SimPlan _plan;
    private readonly ISimSeat _seat;
    private readonly ActorSystem _roomActors;
    private readonly ActorSystem _gatewayActors;
    private readonly SimNodeEvents _events;
    private readonly RoomRegion? _region;

    public SimNode(Simulation simulation, ClusterNode self, SimStoreAccess store, Func<SimNode, ISimSeat> seat, SimPlan plan, SimNodeEvents events)
    {
        (Self, Process, Store, _plan, _events) = (self, store.Process, store, plan, events);
        var random = new Random(simulation.Random.Next());
        Process.OnError = events.Failed;
        _roomActors = simulation.CreateActorSystem(Process);
        _gatewayActors = simulation.CreateActorSystem(Process);
        _seat = seat(this);
        if (self.Roles.HasFlag(NodeRoles.Rooms))
        {
            _region = new RoomRegion(
                _roomActors, Process.Clock, store.Journal, _seat.Gateways, _seat.OwnedUnder, plan.Rooms, () => $"{random.Next():x8}", NullLogger<RoomRegion>.Instance, _seat.Handovers);
            _seat.Attach(_region);
        }

        if (self.Roles.HasFlag(NodeRoles.Gateway))
        {
            Gateway = new GatewayNode(
                _gatewayActors, Process.Clock, _seat.Engine, plan.Gateway, new GatewaySetup(self.Name, new byte[32], () => Bytes(random)) { Lanes = 2 }, NullLogger<GatewayNode>.Instance);
        }

        Process.Post(() => _ = RunAsync(), "starts");
    }

    /// <summary>The node, in this incarnation.</summary>
    public ClusterNode Self { get; }

    public string Name => Self.Name;

    public string Id => Self.Id;

    public SimulatedProcess Process { get; }

    public SimStoreAccess Store { get; }

    /// <summary>Null without the role.</summary>
    public GatewayNode? Gateway { get; }

    /// <summary>The newest view that it knows.</summary>
    public ClusterView View => _seat.Engine.View;

    public ISimSeat Seat => _seat;

    /// <summary>It was asked to stop, or stops by itself.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Process.Post(() => _ = StopAsync(), "is asked to stop");

    private async Task RunAsync()
    {
        try
        {
            if (!await _seat.JoinAsync())
            {
                _events.Over(this, (await _seat.Ended).Reason.ToString());
                Exit();
                return;
            }

            var end = await _seat.Ended;
            _events.Over(this, end.Reason.ToString());
            if (end.IsFailure)
            {
                await StopAsync();
            }
        }
        catch (Exception error)
        {
            _events.Failed($"{Id} failed: {error}");
        }
    }

    private async Task StopAsync()
    {
        if (IsStopping)
        {
            return;
        }

        IsStopping = true;
        try
        {
            var drain = new NodeDrain(Gateway, _seat.Engine, _region is { } region ? () => region.Count : null, _plan.Gateway, Process.Clock);
            await drain.RunAsync(_seat.Ended, _seat.RetireAsync);
            await _gatewayActors.Terminate();
            await (_region?.StopAsync() ?? _roomActors.Terminate());
            await _seat.LeaveAsync();
            Exit();
        }
        catch (Exception error)
        {
            _events.Failed($"{Id} failed to stop: {error}");
        }
    }

    private void Exit()
    {
        Gateway?.Dispose();
        _region?.Dispose();
        _events.Exited(this);
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return bytes;
    }
}

/// <summary>What the world hears of its nodes.</summary>
/// <param name="Failed">Something that must not happen.</param>
/// <param name="Over">A membership has ended, for this reason.</param>
/// <param name="Exited">The process ends.</param>
internal sealed record SimNodeEvents(Action<string> Failed, Action<SimNode, string> Over, Action<SimNode> Exited);
