using Akka.Actor;

namespace ClusterChat.Cluster;

/// <summary>The nodes that keep what a room knew while it moves. Any thread; never blocks.</summary>
public interface IRoomKeepers
{
    /// <summary>
    /// Tells other nodes that own rooms what a room knew: those that are within reach. Or tells all of them that nothing is to be kept of it any more. Each answers the
    /// room's actor with <see cref="Messages.RoomKept"/> under the number, if nothing gets lost, and if it has not gone on itself with what is to be forgotten.
    /// </summary>
    /// <param name="request">The room's number of this request.</param>
    /// <param name="room">The room.</param>
    /// <param name="state">What it knew, see <see cref="RoomHandover.IsNothing"/>.</param>
    /// <param name="actor">The room's actor.</param>
    /// <returns>How many were told.</returns>
    int Offer(long request, string room, RoomHandover state, IActorRef actor);
}
