namespace ClusterChat.RoomActors.Journal;

/// <summary>What kind of entry of a room's log an event is. The numbers are stored: never reuse one.</summary>
public enum EventKind : byte
{
    /// <summary>A message.</summary>
    Message = 1,

    /// <summary>A new text for the message <see cref="StoredEvent.Of"/>.</summary>
    Edited = 2,

    /// <summary>The message <see cref="StoredEvent.Of"/> was withdrawn.</summary>
    Deleted = 3,

    /// <summary>A reaction to the message <see cref="StoredEvent.Of"/> was set or taken back.</summary>
    Reacted = 4,
}

/// <summary>One entry of a room's log.</summary>
/// <param name="Seq">Its number in the room, from 1, without holes.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Author">The identity of the user who wrote it (not the shown name).</param>
/// <param name="Mid">The author's own id of the write; with the author it is unique in the room.</param>
/// <param name="Ts">Unix time in milliseconds; never decreases within a room.</param>
/// <param name="Of">The number of the message that it changes; 0 for a message.</param>
/// <param name="Line">Its canonical form: the JSON line in UTF-8 that clients get, without a line end.</param>
public sealed record StoredEvent(long Seq, EventKind Kind, string Author, string Mid, long Ts, long Of, ReadOnlyMemory<byte> Line);

/// <summary>A room that was taken over.</summary>
/// <param name="Epoch">The number of this activation; higher than all earlier ones of the room.</param>
/// <param name="Log">The identity of the room's history.</param>
/// <param name="Head">The number of the newest committed event; 0 for an empty room.</param>
/// <param name="First">The number of the oldest event that is kept; <c>Head + 1</c> where there is none.</param>
/// <param name="Tail">The newest events in ascending order, without a hole, ending at <paramref name="Head"/>.</param>
public sealed record OpenedRoom(long Epoch, string Log, long Head, long First, IReadOnlyList<StoredEvent> Tail)
{
    /// <summary>
    /// The bytes of lines after which a tail ends early (one event is in it in any case). 1 MiB, twice what a room keeps by default: whoever looks at a room opens it, and
    /// large messages must not make that dear.
    /// </summary>
    public const int MaxTailBytes = 1024 * 1024;
}

/// <summary>One room's part of a batch.</summary>
/// <param name="Room">The room's name.</param>
/// <param name="Epoch">The epoch that <see cref="IJournal.OpenAsync"/> returned to the writer.</param>
/// <param name="BaseSeq">The head that the writer builds on; the first event has <c>BaseSeq + 1</c>.</param>
/// <param name="Events">At least one event; their numbers follow on <paramref name="BaseSeq"/>.</param>
public sealed record AppendEntry(string Room, long Epoch, long BaseSeq, IReadOnlyList<StoredEvent> Events);

/// <summary>What became of one room's part of a batch.</summary>
public enum AppendStatus
{
    /// <summary>All of its events are durable.</summary>
    Committed,

    /// <summary>None took effect, and none will: another activation owns the room, or the head is another one.</summary>
    Fenced,

    /// <summary>None took effect: the room holds events with some of these (author, mid) pairs already.</summary>
    Duplicate,

    /// <summary>The store refuses these very events for good (it is reachable, other rooms' parts went in).</summary>
    Rejected,

    /// <summary>
    /// It may have taken effect, or may yet. Opening the room again settles it: the new epoch fences the
    /// attempt, and the tail shows what had been committed.
    /// </summary>
    Unknown,
}

/// <summary>The result of one room's part of a batch.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Duplicates">
/// With <see cref="AppendStatus.Duplicate"/>: the events that the room holds already under the (author, mid)
/// pairs in question (their lines may be empty). Empty otherwise.
/// </param>
/// <param name="Error">For the log: what the store said. Null where all is well.</param>
public sealed record AppendResult(AppendStatus Status, IReadOnlyList<StoredEvent> Duplicates, string? Error = null)
{
    /// <summary>The result that every part of a good batch has.</summary>
    public static AppendResult Committed { get; } = new(AppendStatus.Committed, []);

    /// <summary>Another activation owns the room.</summary>
    public static AppendResult Fenced { get; } = new(AppendStatus.Fenced, []);

    /// <summary>The outcome cannot be told.</summary>
    public static AppendResult Unknown(string error) => new(AppendStatus.Unknown, [], error);
}

/// <summary>A range of a room's events.</summary>
/// <param name="After">Only events with a higher number; 0 for all.</param>
/// <param name="Before">Only events with a lower number; <see cref="long.MaxValue"/> for all.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="Newest">
/// Which to keep where the limit cuts: the newest of the range (true: history) or the oldest (false: catching up).
/// </param>
/// <param name="Bytes">
/// The bytes of lines after which it ends early, cut like at the limit; one event is in it in any case. Nothing beyond is read from the store, but for a
/// single event at most.
/// </param>
public readonly record struct ReadRange(long After, long Before, int Limit, bool Newest, int Bytes = int.MaxValue)
{
    /// <summary>The part of a range's events that keeps to <see cref="Bytes"/>.</summary>
    /// <param name="events">Events of the range, ascending.</param>
    public List<StoredEvent> Cut(List<StoredEvent> events)
    {
        var bytes = 0L;
        var count = 0;
        while (count < events.Count)
        {
            bytes += events[Newest ? events.Count - 1 - count : count].Line.Length;
            if (count > 0 && bytes > Bytes)
            {
                break;
            }

            count++;
        }

        return count == events.Count ? events : events.GetRange(Newest ? events.Count - count : 0, count);
    }
}

/// <summary>A room of the journal's list.</summary>
/// <param name="Room">Its name.</param>
/// <param name="Head">The number of its newest event.</param>
public readonly record struct StoredRoom(string Room, long Head);

/// <summary>The store cannot be reached, or did not answer in time. Try again later.</summary>
public sealed class JournalUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);
