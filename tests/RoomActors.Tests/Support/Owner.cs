using System.Globalization;
using Akka.Actor;
using ClusterChat.Diagnostics;
using ClusterChat.RoomActors.Rooms;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.RoomActors.Tests;

/// <summary>A node that owns rooms, in a world: the same time, journal and gateways as all others there.</summary>
internal sealed class Owner
{
    private int _ids;

    public Owner(RoomWorld world, long view, string log, NodeDiagnostics? diagnostics = null)
    {
        Views.Number = view;
        System = world.Simulation.CreateActorSystem();
        Node = new RoomsNode(
            System, world.Simulation.Clock, world.Journal, world.Links, Keepers, Views, world.Options,
            () => string.Create(CultureInfo.InvariantCulture, $"-{log}{++_ids}"), NullLogger<RoomsNode>.Instance, diagnostics, world);
        Region = System.ActorOf(Props.Create(() => new TestRegion(Node.Entity)), "rooms");
    }

    public ActorSystem System { get; }

    public TestViews Views { get; } = new();

    public TestKeepers Keepers { get; } = new();

    public RoomsNode Node { get; }

    public IActorRef Region { get; }

    /// <summary>All of its rooms are to be elsewhere now.</summary>
    public void MoveAway() => Region.Tell(HandOff.Instance, ActorRefs.NoSender);

    /// <summary>A room is to stop for now, as if it had asked for it.</summary>
    public void Rest(string room) => Region.Tell(new LetRest(room), ActorRefs.NoSender);
}
