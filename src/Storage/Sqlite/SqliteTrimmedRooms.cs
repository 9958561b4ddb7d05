using ClusterChat.RoomActors.Journal;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Storage.Sqlite;

/// <summary>Looks by way of the reading threads, and deletes by way of the writing one.</summary>
internal sealed class SqliteTrimmedRooms(SqliteJournal journal) : ITrimmedRooms
{
    public static JournalTrimmer Trimmer(SqliteJournal journal, JournalTrimming rules, TimeProvider time, ILogger logger)
        => new(_ => ValueTask.FromResult<ITrimmedRooms>(new SqliteTrimmedRooms(journal)), static e => (e as JournalUnavailableException)?.Message, rules, time, logger);

    public ValueTask<IReadOnlyList<TrimmedRoom>> ListAsync(long after, int limit, CancellationToken cancellationToken)
        => journal.TrimmedRoomsAsync(after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<int>> LineBytesAsync(TrimmedRoom room, CancellationToken cancellationToken) => journal.LineBytesAsync(room, cancellationToken);

    public ValueTask<int> TrimAsync(long room, TrimBounds bounds, int most, CancellationToken cancellationToken)
        => journal.TrimAsync(room, bounds, most, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
