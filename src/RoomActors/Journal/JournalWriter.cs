using ClusterChat.Actors;

namespace ClusterChat.RoomActors.Journal;

/// <summary>
/// Group commit: while one commit is on its way, what the node's rooms hand in gathers, and goes with the next.
/// So the cost of a commit is shared by all that came in meanwhile, and an idle writer commits at once. A busy one lets a few
/// events gather (<see cref="Rooms.RoomOptions.CommitInterval"/>): where the disk flushes in a tenth of a millisecond, each
/// event would else have a commit of its own.
/// </summary>
/// <remarks>
/// A room has one append under way at a time, so what waits is bounded by the number of active rooms. An entry
/// for a room that is in the commit under way already (a restarted actor) waits for the next one.
/// </remarks>
internal sealed class JournalWriter(IJournal journal, TimeSpan interval, int maxEvents) : Actor<JournalWriterMessage>
{
    // So many events are not kept waiting for more.
    private const int WorthACommit = 8;
    private const string GatherTimer = "gather";

    private readonly List<PendingAppend> _waiting = [];
    private readonly HashSet<string> _rooms = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopped = new();
    private IReadOnlyList<PendingAppend>? _committing;
    private int _waitingEvents;
    private long? _begunAt;
    private bool _gathers;

    /// <summary>Starts a writer.</summary>
    /// <param name="system">Where it runs.</param>
    /// <param name="journal">Where it commits.</param>
    /// <param name="interval">From the beginning of a commit to that of the next, at least.</param>
    /// <param name="maxEvents">
    /// The events after which a batch takes no further room. 1,024 are some 50 to 100 ms of SQLite on a slow disk:
    /// the longest that one commit makes the others wait.
    /// </param>
    public static IJournalWriter Spawn(IActorSystem system, IJournal journal, TimeSpan interval, int maxEvents = 1024)
        => new Handle(system.Spawn(new ActorProps<JournalWriterMessage>("journal-writer", () => new JournalWriter(journal, interval, maxEvents))
        {
            Capacity = 1 << 20,
        }));

    /// <inheritdoc/>
    protected override void OnMessage(JournalWriterMessage message)
    {
        switch (message)
        {
            case PendingAppend append:
                _waiting.Add(append);
                _waitingEvents += append.Entry.Events.Count;
                break;
            case CommitDone done:
                _committing = null;
                Answer(done);
                break;
            case GatheredLongEnough:
                _gathers = false;
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnTurnEnd()
    {
        if (_committing is not null || _waiting.Count == 0)
        {
            return;
        }

        if (_waitingEvents >= WorthACommit)
        {
            Context.CancelTimer(GatherTimer);
            _gathers = false;
        }
        else if (_gathers)
        {
            return;
        }
        else if (_begunAt is { } begun && interval - Context.Clock.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
        {
            // Timers count whole milliseconds, and take less for none.
            _gathers = true;
            Context.StartTimer(GatherTimer, GatheredLongEnough.Instance, TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)));
            return;
        }

        _begunAt = Context.Clock.GetTimestamp();
        var batch = Take();
        _committing = batch;
        var entries = new AppendEntry[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            entries[i] = batch[i].Entry;
        }

        Context.Pipe(
            journal.AppendAsync(entries, _stopped.Token),
            results => new CommitDone(batch, results, null),
            error => new CommitDone(batch, null, error));
    }

    /// <inheritdoc/>
    protected override void OnStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
        foreach (var append in _waiting.Concat(_committing ?? []))
        {
            append.Caller.Answered(AppendResult.Unknown("The journal writer stopped."));
        }
    }

    private List<PendingAppend> Take()
    {
        var batch = new List<PendingAppend>(_waiting.Count);
        var events = 0;
        var left = 0;
        _rooms.Clear();
        for (var i = 0; i < _waiting.Count; i++)
        {
            var append = _waiting[i];
            if (events < maxEvents && _rooms.Add(append.Entry.Room))
            {
                events += append.Entry.Events.Count;
                batch.Add(append);
            }
            else
            {
                _waiting[left++] = append;
            }
        }

        _waiting.RemoveRange(left, _waiting.Count - left);
        _waitingEvents -= events;
        return batch;
    }

    private static void Answer(CommitDone done)
    {
        for (var i = 0; i < done.Batch.Count; i++)
        {
            var append = done.Batch[i];
            var result = done.Results is { } results && results.Count == done.Batch.Count
                ? results[i]
                : AppendResult.Unknown(done.Error?.Message ?? "The journal gave no result.");
            append.Caller.Answered(result);
        }
    }

    private sealed class Handle(IActorRef<JournalWriterMessage> writer) : IJournalWriter
    {
        public void Append(AppendEntry entry, IAppendCaller caller)
        {
            if (!writer.Tell(new PendingAppend(entry, caller)))
            {
                caller.Answered(AppendResult.Unknown("The journal writer takes nothing."));
            }
        }
    }
}

internal abstract record JournalWriterMessage;

internal sealed record PendingAppend(AppendEntry Entry, IAppendCaller Caller) : JournalWriterMessage;

internal sealed record GatheredLongEnough : JournalWriterMessage
{
    public static GatheredLongEnough Instance { get; } = new();
}

internal sealed record CommitDone(IReadOnlyList<PendingAppend> Batch, IReadOnlyList<AppendResult>? Results, Exception? Error)
    : JournalWriterMessage;
