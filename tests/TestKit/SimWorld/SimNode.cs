using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;
using ClusterChat.Gateway;
using ClusterChat.RoomActors.Rooms;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.TestKit;

/// <summary>
/// A node in a process of the simulated world: put together, started and stopped as the host does it, with what is its
/// own of the host (files, sockets, the web server) left out, and the model in place of Akka's cluster.
/// </summary>
internal sealed class SimNode
{
    // As the phase of the host's shutdown in which rooms are handed off.
    private static readonly TimeSpan HandOffLimit = TimeSpan.FromSeconds(5);

    private readonly SimPlan _plan;
    private readonly ModelCluster _cluster;
    private readonly ActorSystem _actors;
    private readonly SimNodeEvents _events;
    private readonly RoomsNode? _rooms;

    public SimNode(Simulation simulation, ClusterNode self, SimStoreAccess store, ModelCluster cluster, SimPlan plan, SimNodeEvents events)
    {
        (Process, Store, _cluster, _plan, _events) = (store.Process, store, cluster, plan, events);
        var random = new Random(simulation.Random.Next());
        Process.OnError = events.Failed;
        _actors = simulation.CreateActorSystem(Process);
        Member = new ModelNode(cluster, self, store, _actors);
        var rooms = new RoomCluster(Member, plan.Flows, Process.Clock, NullLogger<RoomCluster>.Instance);
        if (self.Roles.HasFlag(NodeRoles.Rooms))
        {
            _rooms = new RoomsNode(
                _actors, Process.Clock, store.Journal, rooms, rooms, Member, plan.Rooms, () => $"{random.Next():x8}", NullLogger<RoomsNode>.Instance);
            rooms.Attach(_rooms);
        }

        var door = _actors.ActorOf(Props.Create(() => new NodeActor(rooms)), NodeActor.Name);
        Func<string, Props>? entity = _rooms is null ? null : _rooms.Entity;
        var region = _actors.ActorOf(Props.Create(() => new ModelRegion(Member, cluster.Homes, entity)), "rooms");
        Member.Open(rooms, door, region);
        rooms.Start(region, door);
        if (self.Roles.HasFlag(NodeRoles.Gateway))
        {
            Gateway = new GatewayNode(
                _actors, Process.Clock, rooms, plan.Gateway, new GatewaySetup(self.Name, new byte[32], () => Bytes(random)) { Lanes = 2 }, NullLogger<GatewayNode>.Instance);
            rooms.Attach(Gateway.ExecuteAsync);
        }

        Process.Post(() => _ = RunAsync(), "starts");
    }

    /// <summary>The node, in this incarnation.</summary>
    public ClusterNode Self => Member.Self;

    public string Name => Self.Name;

    public string Id => Self.Id;

    public SimulatedProcess Process { get; }

    public SimStoreAccess Store { get; }

    /// <summary>Its part in the cluster.</summary>
    public ModelNode Member { get; }

    /// <summary>Null without the role.</summary>
    public GatewayNode? Gateway { get; }

    /// <summary>It was asked to stop.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Process.Post(() => _ = StopAsync(), "is asked to stop");

    private async Task RunAsync()
    {
        try
        {
            await _cluster.Table.JoinAsync(Member);
            _events.Over(this, await Member.Ended);

            // Whatever it would still do, others do already.
            _events.Exited(this);
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
            if (Gateway is not null)
            {
                Gateway.BeginDrain();
                await Gateway.DrainAsync(_plan.Gateway.DrainGrace);
            }

            await HandOffAsync();
            await _cluster.Table.LeaveAsync(Member);
            await _actors.Terminate();
            Gateway?.Dispose();
            _rooms?.Dispose();
            _events.Exited(this);
        }
        catch (Exception error)
        {
            _events.Failed($"{Id} failed to stop: {error}");
        }
    }

    private async Task HandOffAsync()
    {
        var done = new TaskCompletionSource();
        await using var late = Process.Clock.CreateTimer(static done => ((TaskCompletionSource)done!).TrySetResult(), done, HandOffLimit, Timeout.InfiniteTimeSpan);
        Member.Region.Tell(new LeaveRegion(done), ActorRefs.NoSender);
        await done.Task;
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
/// <param name="Over">It was removed, for this reason, and knows it.</param>
/// <param name="Exited">The process ends.</param>
internal sealed record SimNodeEvents(Action<string> Failed, Action<SimNode, string> Over, Action<SimNode> Exited);
