using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// Decides what writes become: events, repeats or rejections. Pure: the same state, writes and time give the
/// same decision.
/// </summary>
internal static class RoomDecider
{
    /// <summary>
    /// Decides a batch of writes in order, each on top of the ones before it. Nothing is changed: the events
    /// are proposals until they are committed and applied.
    /// </summary>
    /// <param name="state">The committed state.</param>
    /// <param name="writes">The writes in the order in which they came.</param>
    /// <param name="now">Unix time in milliseconds.</param>
    public static RoomDecision Decide(RoomState state, IReadOnlyList<Write> writes, long now)
    {
        var events = new List<StoredEvent>(writes.Count);
        var verdicts = new List<WriteVerdict>(writes.Count);
        Dictionary<WriteKey, WrittenAt>? proposed = null;
        var ts = Math.Max(now, state.LastTs);
        for (var i = 0; i < writes.Count; i++)
        {
            var write = writes[i];
            var key = new WriteKey(write.Author.User, write.Mid);
            if (state.TryFind(key.Author, key.Mid, out var at) || (proposed?.TryGetValue(key, out at) ?? false))
            {
                verdicts.Add(new WriteVerdict(at, Dup: true, Error: null));
                continue;
            }

            if (Check(state, events.Count, write) is { } error)
            {
                verdicts.Add(new WriteVerdict(default, Dup: false, error));
                continue;
            }

            at = new WrittenAt(state.Head + events.Count + 1, ts);
            if (writes.Count > 1)
            {
                (proposed ??= []).Add(key, at);
            }

            events.Add(Encode(state.Room, write, at));
            verdicts.Add(new WriteVerdict(at, Dup: false, Error: null));
        }

        return new RoomDecision(events, verdicts);
    }

    private static ProtocolError? Check(RoomState state, int proposed, Write write) => write.Content switch
    {
        MessageContent { Reply: { } reply } when reply > state.Head + proposed =>
            new ProtocolError(ErrorCode.NotFound, $"\"reply\" names event {reply}, which is not in the room."),
        _ => null,
    };

    private static StoredEvent Encode(string room, Write write, WrittenAt at) => write.Content switch
    {
        MessageContent message => new StoredEvent(
            at.Seq,
            EventKind.Message,
            write.Author.User,
            write.Mid,
            at.Ts,
            Of: 0,
            ServerMessages.MessageEvent(
                room, at.Seq, write.Mid, write.Author.Name, write.Author.User, at.Ts, message.Text, message.Reply, message.Data.Span)),
        _ => throw new NotSupportedException($"No event for {write.Content.GetType().Name}."),
    };
}

/// <summary>What a batch of writes comes to.</summary>
/// <param name="Events">The events to commit, in order.</param>
/// <param name="Verdicts">One a write, in the order of the writes.</param>
internal sealed record RoomDecision(IReadOnlyList<StoredEvent> Events, IReadOnlyList<WriteVerdict> Verdicts);

/// <summary>What one write comes to.</summary>
/// <param name="At">Its place in the log, or that of the event that it repeats.</param>
/// <param name="Dup">Whether it repeats an event, of the log or of the same batch.</param>
/// <param name="Error">Why it is refused for good; null where it is not.</param>
internal readonly record struct WriteVerdict(WrittenAt At, bool Dup, ProtocolError? Error);
