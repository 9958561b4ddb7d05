using Akka.Actor;
using Akka.Event;

namespace ClusterChat.TestKit;

/// <summary>A message for a room that one region passes to another one.</summary>
/// <param name="Message">The message.</param>
/// <param name="Hops">How many regions it has come through.</param>
internal sealed record Routed(object Message, int Hops);

/// <summary>A region is told where a room is.</summary>
/// <param name="Room">The room.</param>
/// <param name="Version">Of what is known about this room; a region never goes back to an older one.</param>
/// <param name="Home">Where it is.</param>
internal sealed record HomeIs(string Room, long Version, ModelNode Home);

/// <summary>A region is told that a room is not any more where it was.</summary>
internal sealed record HomeGone(string Room, long Version);

/// <summary>A region is told to give up a room.</summary>
internal sealed record HandOff(string Room, long Version);

/// <summary>A region is told to stop a room's actor on the spot, as if it had failed.</summary>
internal sealed record StopSuddenly(string Room);

/// <summary>A region hears that a node was removed.</summary>
internal sealed record NodeRemoved(ModelNode Node);

/// <summary>A region is to give up all of its rooms, as its node leaves.</summary>
/// <param name="Done">Completes when no room is left.</param>
internal sealed record LeaveRegion(TaskCompletionSource Done);

/// <summary>Time to ask again for the homes that messages wait for.</summary>
internal sealed record AskAgain : INotInfluenceReceiveTimeout, IDeadLetterSuppression
{
    public static AskAgain Instance { get; } = new();
}
