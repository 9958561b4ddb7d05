namespace ClusterChat.RoomActors.Journal;

/// <summary>
/// Where the logs of durable rooms are kept: the one place that safety rests on. Everything else (routing,
/// caches, failure detection) may be wrong for a while; the journal then refuses, and nothing is lost or doubled.
/// </summary>
/// <remarks>
/// What every adapter guarantees, and the contract suite checks:
/// <list type="bullet">
/// <item><b>Durability.</b> An append that was answered <see cref="AppendStatus.Committed"/> survives the loss
/// of the process and of the machine's power, as far as the database's own commit does.</item>
/// <item><b>Fencing.</b> Each successful open of a room takes an epoch higher than every earlier one. From then
/// on no append under an older epoch takes effect, also one that was already on its way. The check and the
/// insertion are one atomic step.</item>
/// <item><b>Order and density.</b> A room's events have the sequence numbers 1, 2, 3 ... without holes (but for
/// trimmed ones at the old end). A room's part of a batch takes effect as a whole or not at all.</item>
/// <item><b>One event per write.</b> A room never holds two events with the same (author, mid).</item>
/// <item><b>Rooms without an event are not stored.</b> A room is stored with its first event; opening, reading and listing leave nothing of it
/// behind, however many names are tried. All that is said here holds for it all the same: each opening fences the earlier ones, of several owners
/// that opened it one at most can store it, and an append that comes late finds that it is fenced, as long as the room is not stored and after. Its log
/// is the same for each opening, and stays with its first event, so who was told of it before goes on under it. A room that was stored once stays so, also
/// empty: deleted, it keeps its place with another log, or a log could come back with other events in it.</item>
/// <item><b>Isolation of rooms.</b> What is wrong with one room's part of a batch never fails another room's.</item>
/// <item><b>Honesty.</b> An adapter that cannot tell whether an append took effect answers
/// <see cref="AppendStatus.Unknown"/>. It never throws from <see cref="AppendAsync"/> for a fault of the store.</item>
/// </list>
/// An adapter may fence more than it has to while a room is not stored: what an opening of such a room raises may be shared with others, so that a
/// bounded number of rows serves all names. Such an owner opens the room again, finds the same log and an empty room, and appends; so it may be told
/// <see cref="AppendStatus.Fenced"/>, or that its view is an older one, where nobody else has had to do with this room.
/// All methods may be called concurrently; they are bounded in time by the adapter's own time-outs.
/// </remarks>
public interface IJournal
{
    /// <summary>
    /// Takes a room over: raises its epoch, and reads its newest events. Fences every
    /// older epoch, including an append that is still in flight. A room that is not stored is empty.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="view">
    /// The number of the cluster view under which the caller believes to be the owner, 0 without a cluster.
    /// </param>
    /// <param name="tail">How many of the newest events to return at most; fewer where they are more than <see cref="OpenedRoom.MaxTailBytes"/>.</param>
    /// <param name="cancellationToken">Gives up waiting; the open may have taken effect nevertheless.</param>
    /// <returns>The room as it stands, or null when it was already opened under a newer view.</returns>
    /// <exception cref="JournalUnavailableException">The store cannot be reached or did not answer in time.</exception>
    ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken);

    /// <summary>
    /// Commits a batch, at most one entry a room, in one round trip. An entry takes effect only where the
    /// room's epoch and head are as the entry says and none of its (author, mid) pairs is in the room already. Its first one stores the room.
    /// </summary>
    /// <returns>One result an entry, in the order of the entries. Store faults become results, not exceptions.</returns>
    ValueTask<IReadOnlyList<AppendResult>> AppendAsync(IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken);

    /// <summary>
    /// Reads committed events in ascending order of their sequence numbers. What it costs is in proportion to what it returns, however large the
    /// events are: see <see cref="ReadRange.Bytes"/>.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="range">Which events.</param>
    /// <param name="cancellationToken">Gives up the read.</param>
    /// <exception cref="JournalUnavailableException">The store cannot be reached or did not answer in time.</exception>
    ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken);

    /// <summary>
    /// Lists the rooms with at least one event whose names start with a prefix, in ordinal order of their
    /// UTF-8 names, after a name.
    /// </summary>
    /// <param name="prefix">Empty for all rooms.</param>
    /// <param name="after">Only names that come after this one; empty for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up the read.</param>
    /// <exception cref="JournalUnavailableException">The store cannot be reached or did not answer in time.</exception>
    ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken);
}
