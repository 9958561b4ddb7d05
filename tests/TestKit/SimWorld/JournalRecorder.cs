using ClusterChat.RoomActors.Journal;

namespace ClusterChat.TestKit;

/// <summary>Notes which opens and appends of a node took effect, at the moment they did.</summary>
internal sealed class JournalRecorder(IJournal inner, string node, ManualClock clock, Action<Fact> tell) : IJournal
{
    public async ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
    {
        var opened = await inner.OpenAsync(room, view, tail, cancellationToken);
        if (opened is not null)
        {
            tell(new Fact.Opened(clock.Elapsed, node, room, opened.Epoch));
        }

        return opened;
    }

    public async ValueTask<IReadOnlyList<AppendResult>> AppendAsync(IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
    {
        var results = await inner.AppendAsync(batch, cancellationToken);
        foreach (var (entry, result) in batch.Zip(results))
        {
            if (result.Status == AppendStatus.Committed)
            {
                tell(new Fact.Appended(clock.Elapsed, node, entry.Room, entry.Epoch, entry.BaseSeq, entry.Events.Count));
            }
        }

        return results;
    }

    public ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
        => inner.ReadAsync(room, range, cancellationToken);

    public ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        => inner.ListRoomsAsync(prefix, after, limit, cancellationToken);
}
