using System.Globalization;
using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Journal;

/// <summary>
/// The journal of memory rooms: it keeps nothing. Each opening starts a new log under a higher epoch, or goes on with the one
/// that was handed over; each append is committed at once, and what is no longer in the room's own memory is gone.
/// </summary>
/// <remarks>
/// Of two owners, the one under the newer view has the higher epoch, whatever their clocks say: a room has one owner under a
/// view, and the view's number is the epoch's upper half.
/// </remarks>
/// <param name="newId">Makes the names of logs.</param>
internal sealed class VolatileJournal(Func<string> newId) : IJournal, IJournalWriter
{
    private const int ViewShift = 32;
    private long _epoch;

    public ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
    {
        var epoch = NextEpoch(view, 0);
        var log = string.Create(CultureInfo.InvariantCulture, $"m{epoch:x}{newId()}");
        return ValueTask.FromResult<OpenedRoom?>(new OpenedRoom(epoch, log, 0, 1, []));
    }

    /// <summary>Goes on with the log of an earlier owner.</summary>
    public OpenedRoom Continue(RoomHandover handover, long view)
        => new(NextEpoch(view, handover.Epoch), handover.Log, handover.Head, handover.Head + 1, []);

    /// <summary>An epoch above all that were given here, and above one of another node.</summary>
    public long NextEpoch(long view, long above)
    {
        long last, next;
        do
        {
            last = Interlocked.Read(ref _epoch);
            next = Math.Max(Math.Max(last, above), view << ViewShift) + 1;
        }
        while (Interlocked.CompareExchange(ref _epoch, next, last) != last);
        return next;
    }

    public ValueTask<IReadOnlyList<AppendResult>> AppendAsync(IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<AppendResult>>([.. batch.Select(_ => AppendResult.Committed)]);

    public ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<StoredEvent>>([]);

    public ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<StoredRoom>>([]);

    public void Append(AppendEntry entry, IAppendCaller caller) => caller.Answered(AppendResult.Committed);
}
