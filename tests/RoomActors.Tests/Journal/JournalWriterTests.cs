using Akka.Actor;
using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Journal;

public sealed class JournalWriterTests
{
    private readonly Simulation _simulation = new(1);
    private readonly ActorSystem _system;
    private readonly ScriptedJournal _journal = new();
    private IJournalWriter _writer;

    public JournalWriterTests()
    {
        _system = _simulation.CreateActorSystem();
        _writer = JournalWriter.Start(_system, _journal, new JournalWriterSettings(_simulation.Clock, TimeSpan.Zero, 4));
    }

    [Fact]
    public void An_idle_writer_commits_at_once()
    {
        var append = Append("a");
        _journal.Batches.ShouldHaveSingleItem().Select(e => e.Room).ShouldBe(["a"]);
        append.IsCompleted.ShouldBeFalse();
        Answer(AppendResult.Committed);
        Status(append).ShouldBe(AppendStatus.Committed);
    }

    [Fact]
    public void What_comes_during_a_commit_goes_together_with_the_next_one()
    {
        _ = Append("a");
        _ = Append("b");
        _ = Append("c");
        _journal.Batches.Count.ShouldBe(1);
        Answer(AppendResult.Committed);
        _journal.Batches.Count.ShouldBe(2);
        _journal.Batches[1].Select(e => e.Room).ShouldBe(["b", "c"]);
    }

    [Fact]
    public void A_busy_writer_lets_what_comes_within_its_interval_gather()
    {
        _writer = JournalWriter.Start(_system, _journal, new JournalWriterSettings(_simulation.Clock, TimeSpan.FromMilliseconds(2), 4));
        _ = Append("a");
        _ = Append("b");
        Answer(AppendResult.Committed);
        _journal.Batches.Count.ShouldBe(1);
        _simulation.RunFor(TimeSpan.FromMilliseconds(1));
        _ = Append("c");
        _journal.Batches.Count.ShouldBe(1);

        _simulation.RunFor(TimeSpan.FromMilliseconds(1));
        _journal.Batches[1].Select(e => e.Room).ShouldBe(["b", "c"]);
        Answer(AppendResult.Committed, AppendResult.Committed);

        _simulation.RunFor(TimeSpan.FromMilliseconds(2));
        _ = Append("d");
        _journal.Batches[2].Select(e => e.Room).ShouldBe(["d"]);
    }

    [Fact]
    public void Many_events_do_not_wait_for_more()
    {
        _writer = JournalWriter.Start(_system, _journal, new JournalWriterSettings(_simulation.Clock, TimeSpan.FromMilliseconds(2)));
        _ = Append("a");
        Answer(AppendResult.Committed);
        foreach (var room in new[] { "b", "c", "d", "e", "f", "g", "h" })
            _ = Append(room);
        _journal.Batches.Count.ShouldBe(1);

        _ = Append("i");
        _journal.Batches[1].Count.ShouldBe(8);
        Answer([.. _journal.Batches[1].Select(_ => AppendResult.Committed)]);

        _ = Append("j");
        _journal.Batches.Count.ShouldBe(2);
        _simulation.RunFor(TimeSpan.FromMilliseconds(2));
        _journal.Batches[2].Select(e => e.Room).ShouldBe(["j"]);
    }

    [Fact]
    public void A_room_is_in_a_batch_once_and_a_batch_keeps_to_its_limit()
    {
        _ = Append("x");
        foreach (var room in new[] { "a", "a", "b", "c", "d", "e" })
            _ = Append(room);
        Answer(AppendResult.Committed);
        _journal.Batches[1].Select(e => e.Room).ShouldBe(["a", "b", "c", "d"]);
        Answer([.. _journal.Batches[1].Select(_ => AppendResult.Committed)]);
        _journal.Batches[2].Select(e => e.Room).ShouldBe(["a", "e"]);
    }

    [Fact]
    public void Each_entry_gets_its_own_answer()
    {
        _ = Append("x");
        Task<AppendResult>[] appends = [Append("a"), Append("b"), Append("c")];
        Answer(AppendResult.Committed);
        Answer(AppendResult.Fenced, AppendResult.Committed, AppendResult.Unknown("?"));
        appends.Select(Status).ShouldBe([AppendStatus.Fenced, AppendStatus.Committed, AppendStatus.Unknown]);
    }

    [Fact]
    public void A_journal_that_throws_leaves_the_outcome_unknown_and_the_next_commit_goes_on()
    {
        var append = Append("a");
        _journal.Next!.SetException(new JournalUnavailableException("away"));
        _simulation.RunUntilIdle();
        Status(append).ShouldBe(AppendStatus.Unknown);
        append = Append("a");
        Answer(AppendResult.Committed);
        Status(append).ShouldBe(AppendStatus.Committed);
    }

    [Fact]
    public void A_journal_that_throws_at_once_leaves_the_outcome_unknown_and_the_next_commit_goes_on()
    {
        _journal.Throws = new InvalidOperationException("a bug");
        var append = Append("a");
        Status(append).ShouldBe(AppendStatus.Unknown);
        _journal.Throws = null;
        append = Append("a");
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        Answer(AppendResult.Committed);
        Status(append).ShouldBe(AppendStatus.Committed);
    }

    [Fact]
    public void A_journal_that_gives_too_few_results_leaves_all_outcomes_unknown()
    {
        _ = Append("x");
        Task<AppendResult>[] appends = [Append("a"), Append("b")];
        Answer(AppendResult.Committed);
        Answer(AppendResult.Committed);
        appends.Select(Status).ShouldBe([AppendStatus.Unknown, AppendStatus.Unknown]);
    }

    [Fact]
    public void A_writer_that_stops_answers_what_it_has_and_what_comes_later()
    {
        var committing = Append("a");
        var waiting = Append("b");
        var stopped = _system.Terminate();
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        stopped.IsCompleted.ShouldBeTrue();
        var late = Append("c");
        new[] { committing, waiting, late }.Select(Status).ShouldAllBe(s => s == AppendStatus.Unknown);
        _journal.Token.IsCancellationRequested.ShouldBeTrue();
    }

    private static AppendStatus Status(Task<AppendResult> append)
    {
        append.IsCompletedSuccessfully.ShouldBeTrue();
        return append.GetAwaiter().GetResult().Status;
    }

    private Task<AppendResult> Append(string room)
    {
        var caller = new Caller();
        _writer.Append(new AppendEntry(room, 1, 0, [Make.Event(1)]), caller);
        var append = caller.Answer;
        _simulation.RunUntilIdle();
        return append;
    }

    private void Answer(params AppendResult[] results)
    {
        _journal.Next!.SetResult(results);
        _simulation.RunUntilIdle();
    }

    private sealed class Caller : IAppendCaller
    {
        private readonly TaskCompletionSource<AppendResult> _answer = new();

        public Task<AppendResult> Answer => _answer.Task;

        public void Answered(AppendResult result) => _answer.SetResult(result);
    }

    /// <summary>A journal that answers when it is told.</summary>
    private sealed class ScriptedJournal : IJournal
    {
        public List<IReadOnlyList<AppendEntry>> Batches { get; } = [];

        public TaskCompletionSource<IReadOnlyList<AppendResult>>? Next { get; private set; }

        public Exception? Throws { get; set; }

        public CancellationToken Token { get; private set; }

        public ValueTask<IReadOnlyList<AppendResult>> AppendAsync(IReadOnlyList<AppendEntry> batch, CancellationToken cancellationToken)
        {
            Token = cancellationToken;
            if (Throws is not null)
                throw Throws;
            Batches.Add(batch);
            Next = new TaskCompletionSource<IReadOnlyList<AppendResult>>();
            return new(Next.Task);
        }

        public ValueTask<OpenedRoom?> OpenAsync(string room, long view, int tail, CancellationToken cancellationToken)
            => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(string room, ReadRange range, CancellationToken cancellationToken)
            => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<StoredRoom>> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
            => throw new NotSupportedException();
    }
}
