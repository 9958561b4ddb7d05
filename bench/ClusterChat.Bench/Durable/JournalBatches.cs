using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Bench.Durable;

/// <summary>ClusterChat's own journal, with nothing around it.</summary>
/// <param name="journal">It, started.</param>
/// <param name="epochs">Of the rooms.</param>
internal sealed class JournalBatches(IJournal journal, IReadOnlyDictionary<string, long> epochs) : IBatches
{
    public async ValueTask CommitAsync(long seq)
    {
        // Behind the one that each room has from the start.
        var batch = Rows.Rooms.Select(room => new AppendEntry(
            room, epochs[room], seq, [new StoredEvent(seq + 1, EventKind.Message, Rows.Author, Rows.Mid(room, seq), Rows.Time, 0, Rows.Line(room, seq))])).ToList();
        var results = await journal.AppendAsync(batch, CancellationToken.None);
        if (results.FirstOrDefault(r => r.Status != AppendStatus.Committed) is { } failed)
        {
            throw new InvalidOperationException($"The journal answered {failed.Status}: {failed.Error}");
        }
    }

    public ValueTask DisposeAsync() => journal is IAsyncDisposable open ? open.DisposeAsync() : ValueTask.CompletedTask;
}
