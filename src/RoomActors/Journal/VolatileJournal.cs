using System.Globalization;
using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Journal;

/// <summary>
/// The journal of memory rooms: it keeps nothing. Each opening starts a new log under a higher epoch, or goes on with the one
/// that was handed over; each append is committed at once, and what is no longer in the room's own memory is gone.
/// </summary>
/// <param name="clock">
/// Epochs are its milliseconds, and grow by at least one, so that a restarted process goes on above its earlier ones.
/// </param>
/// <param name="newId">Makes the names of logs.</param>
internal sealed class VolatileJournal(TimeProvider clock, Func<string> newId) : IJournal, IJournalWriter
{
    private long _epoch;

    public ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
    {
        var epoch = NextEpoch(0);
        var log = string.Create(CultureInfo.InvariantCulture, $"m{epoch:x}{newId()}");
        return ValueTask.FromResult<OpenedRoom?>(new OpenedRoom(epoch, log, 0, 1, []));
    }

    /// <summary>Goes on with the log of an earlier owner.</summary>
    public OpenedRoom Continue(RoomHandover handover)
        => new(NextEpoch(handover.Epoch), handover.Log, handover.Head, handover.Head + 1, []);

    /// <summary>An epoch above all that were given here, and above one of another node, whose clock may be ahead.</summary>
    public long NextEpoch(long above)
    {
        long last, next;
        do
        {
            last = Interlocked.Read(ref _epoch);
            next = Math.Max(Math.Max(last, above) + 1, clock.GetUtcNow().ToUnixTimeMilliseconds());
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

    public ValueTask<AppendResult> AppendAsync(AppendEntry entry) => ValueTask.FromResult(AppendResult.Committed);
}
