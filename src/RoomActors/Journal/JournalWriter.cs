using Akka.Actor;
using Akka.Event;
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
internal sealed class JournalWriter : UntypedActor
{
    // So many events are not kept waiting for more.
    private const int WorthACommit = 8;
    private readonly List<PendingAppend> _waiting = [];
    private readonly HashSet<string> _rooms = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopped = new();
    private readonly IJournal _journal;
    private readonly JournalWriterSettings _settings;
    private readonly Handle _handle;
    private readonly ITimer _gatherTimer;
    private IReadOnlyList<PendingAppend>? _committing;
    private int _waitingEvents;
    private long? _begunAt;
    private bool _gathers;

    public JournalWriter(IJournal journal, JournalWriterSettings settings, Handle handle)
    {
        (_journal, _settings, _handle) = (journal, settings, handle);

        // Not one of Akka's timers: this one is set again for nearly every batch, and a new one each time would cost more.
        _gatherTimer = settings.Clock.CreateTimer(
            static self => ((IActorRef)self!).Tell(GatheredLongEnough.Instance, ActorRefs.NoSender), Self, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts a writer.</summary>
    /// <param name="system">Where it runs.</param>
    /// <param name="journal">Where it commits.</param>
    /// <param name="settings">When it commits what.</param>
    public static IJournalWriter Start(IActorRefFactory system, IJournal journal, JournalWriterSettings settings)
    {
        var handle = new Handle();
        handle.Writer = system.ActorOf(Props.Create(() => new JournalWriter(journal, settings, handle)).WithMailbox(MailboxNames.Turn));
        return handle;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PendingAppend append:
                _waiting.Add(append);
                _waitingEvents += append.Entry.Events.Count;
                break;
            case Outcome { Message: CommitDone done } outcome when outcome.Asker == this:
                _committing = null;
                Answer(done);
                break;
            case GatheredLongEnough:
                _gathers = false;
                break;
            case TurnEnded:
                CommitIfDue();
                break;
        }
    }

    private void CommitIfDue()
    {
        if (_committing is not null || _waiting.Count == 0)
        {
            return;
        }

        if (_waitingEvents >= WorthACommit)
        {
            _gathers = false;
        }
        else if (_gathers)
        {
            return;
        }
        else if (_begunAt is { } begun && _settings.Interval - _settings.Clock.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
        {
            // Timers count whole milliseconds, and take less for none.
            _gathers = true;
            _gatherTimer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
            return;
        }

        _begunAt = _settings.Clock.GetTimestamp();
        var batch = Take();
        _committing = batch;
        var entries = new AppendEntry[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            entries[i] = batch[i].Entry;
        }

        this.Pipe(
            Self,
            () => _journal.AppendAsync(entries, _stopped.Token),
            results => new CommitDone(batch, results, null),
            error => new CommitDone(batch, null, error));
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _handle.HasStopped = true;
        _gatherTimer.Dispose();
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
            if (events < _settings.MaxEvents && _rooms.Add(append.Entry.Room))
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

    /// <summary>What rooms have of their writer.</summary>
    internal sealed class Handle : IJournalWriter
    {
        private volatile bool _hasStopped;

        public IActorRef Writer { get; set; } = ActorRefs.Nobody;

        public bool HasStopped
        {
            get => _hasStopped;
            set => _hasStopped = value;
        }

        /// <summary>Between the last message of a writer and its end an entry may get lost; its room stops with the same system.</summary>
        public void Append(AppendEntry entry, IAppendCaller caller)
        {
            if (HasStopped)
            {
                caller.Answered(AppendResult.Unknown("The journal writer has stopped."));
                return;
            }

            Writer.Tell(new PendingAppend(entry, caller), ActorRefs.NoSender);
        }
    }
}

/// <summary>When a writer commits what.</summary>
/// <param name="Clock">The clock.</param>
/// <param name="Interval">From the beginning of a commit to that of the next, at least.</param>
/// <param name="MaxEvents">
/// The events after which a batch takes no further room. 1,024 are some 50 to 100 ms of SQLite on a slow disk:
/// the longest that one commit makes the others wait.
/// </param>
internal sealed record JournalWriterSettings(TimeProvider Clock, TimeSpan Interval, int MaxEvents = 1024);

internal sealed record PendingAppend(AppendEntry Entry, IAppendCaller Caller);

internal sealed record GatheredLongEnough : IDeadLetterSuppression
{
    public static GatheredLongEnough Instance { get; } = new();
}

internal sealed record CommitDone(IReadOnlyList<PendingAppend> Batch, IReadOnlyList<AppendResult>? Results, Exception? Error);
