using System.Globalization;

namespace ClusterChat.RoomActors.Journal;

/// <summary>
/// The journal of memory rooms: it keeps nothing. Each opening starts a new log under a higher epoch, each
/// append is committed at once, and what is no longer in the room's own memory is gone.
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
        long last, next;
        do
        {
            last = Interlocked.Read(ref _epoch);
            next = Math.Max(last, view << ViewShift) + 1;
        }
        while (Interlocked.CompareExchange(ref _epoch, next, last) != last);

        var log = string.Create(CultureInfo.InvariantCulture, $"m{next:x}{newId()}");
        return ValueTask.FromResult<OpenedRoom?>(new OpenedRoom(next, log, 0, 1, []));
    }

    public ValueTask<IReadOnlyList<AppendResult>> AppendAsync(IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<AppendResult>>([.. batch.Select(_ => AppendResult.Committed)]);

    public ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<StoredEvent>>([]);

    public ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<StoredRoom>>([]);

    public ValueTask<AppendResult> AppendAsync(AppendEntry entry) => ValueTask.FromResult(AppendResult.Committed);
}
