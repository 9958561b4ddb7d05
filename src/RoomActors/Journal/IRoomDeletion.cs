namespace ClusterChat.RoomActors.Journal;

/// <summary>Takes a room's history away for good; a journal's other port, for operators.</summary>
public interface IRoomDeletion
{
    /// <summary>
    /// Deletes all events of a room, begins a new and empty log, and raises the epoch, in one atomic step: from then on no append
    /// of an earlier activation takes effect, also one that was already on its way. Nobody has to own the room for that; whoever does,
    /// is fenced at its next append, or when it is told of the epoch.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="cancellationToken">Gives up waiting; the deletion may have taken effect nevertheless.</param>
    /// <returns>The new epoch; null where the room is not stored, and nothing is changed then.</returns>
    /// <exception cref="JournalUnavailableException">
    /// The store cannot be reached or did not answer in time: it is not known whether the room was deleted. To do it again is harmless.
    /// </exception>
    ValueTask<long?> DeleteAsync(string room, CancellationToken cancellationToken);
}
