using ClusterChat.RoomActors.Rooms;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.RoomActors.Tests;

/// <summary>One more node that owns rooms, in the world of another one: the same time, journal and gateways.</summary>
internal sealed class Owner
{
    public Owner(RoomWorld world, long view, string log)
    {
        var ids = 0;
        Region = new RoomRegion(
            world.Simulation.CreateActorSystem(), world.Simulation.Clock, world.Journal, world.Links, _ => view, world.Options, () => $"-{log}{++ids}",
            NullLogger<RoomRegion>.Instance, Handovers);
    }

    public RecordingHandovers Handovers { get; } = new();

    public RoomRegion Region { get; }

    /// <summary>It owns nothing any more.</summary>
    public void MoveAway() => Region.Keep(_ => false);
}
