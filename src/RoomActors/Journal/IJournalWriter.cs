using ClusterChat.Actors;
using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Journal;

/// <summary>Where rooms hand in what they want committed.</summary>
internal interface IJournalWriter
{
    /// <summary>
    /// Appends one room's events with the next commit. The answer is one <see cref="Rooms.AppendDone"/> under
    /// the same attempt number.
    /// </summary>
    /// <returns>False: not taken, and no answer will come.</returns>
    bool Submit(AppendEntry entry, long attempt, IActorRef<IRoomMessage> replyTo);
}
