using System.Globalization;
using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.RoomActors.Journal;
using ClusterChat.RoomActors.Rooms;
using FsCheck;
using FsCheck.Xunit;

namespace ClusterChat.RoomActors.Tests.Core;

/// <summary>One write of a random history.</summary>
/// <param name="Author">Which of three authors.</param>
/// <param name="Mid">Which of six ids, so that repeats are common.</param>
/// <param name="Reply">Which event it answers; above the head now and then.</param>
/// <param name="Clock">How the wall clock moves before it, backwards too.</param>
/// <param name="Cut">Whether a batch begins with it.</param>
public sealed record WriteStep(byte Author, byte Mid, byte Reply, sbyte Clock, bool Cut);

/// <summary>The pure core: what a sequence of writes becomes, however it is cut into batches.</summary>
[Properties(MaxTest = 300, EndSize = 60)]
public sealed class DeciderProperties
{
    [Property]
    public void Numbers_are_dense_and_times_never_decrease(WriteStep[] steps)
    {
        var log = Run(steps).Log;
        log.Select(e => e.Seq).ShouldBe(Enumerable.Range(1, log.Count).Select(n => (long)n));
        log.Zip(log.Skip(1)).ShouldAllBe(pair => pair.First.Ts <= pair.Second.Ts);
    }

    [Property]
    public void A_repeated_mid_has_the_first_ones_place_and_makes_no_event(WriteStep[] steps)
    {
        var run = Run(steps);
        run.Log.Select(e => (e.Author, e.Mid)).ShouldBeUnique();
        foreach (var (write, verdict) in run.Answers)
        {
            if (verdict.Error is not null)
                continue;
            var stored = run.Log[(int)verdict.At.Seq - 1];
            (stored.Author, stored.Mid, stored.Ts).ShouldBe((write.Author.User, write.Mid, verdict.At.Ts));
        }

        run.Answers.Count(a => a.Verdict is { Dup: false, Error: null }).ShouldBe(run.Log.Count);
    }

    [Property]
    public void A_reply_is_refused_exactly_where_it_names_no_event_before_it(WriteStep[] steps)
    {
        var head = 0L;
        foreach (var (write, verdict) in Run(steps).Answers)
        {
            var reply = ((MessageContent)write.Content).Reply ?? 0;
            if (verdict.Error is { } error)
            {
                error.Code.ShouldBe(ErrorCode.NotFound);
                reply.ShouldBeGreaterThan(head);
            }
            else if (!verdict.Dup)
            {
                reply.ShouldBeLessThanOrEqualTo(head);
                head++;
            }
        }
    }

    [Property]
    public void Deciding_twice_gives_the_same_and_changes_nothing(WriteStep[] steps)
    {
        var state = Make.State();
        foreach (var (writes, now) in Batches(steps))
        {
            var before = Observe(state);
            var first = RoomDecider.Decide(state, writes, now);
            var second = RoomDecider.Decide(state, writes, now);
            second.Events.Select(Make.Show).ShouldBe(first.Events.Select(Make.Show));
            second.Verdicts.ShouldBe(first.Verdicts);
            Observe(state).ShouldBe(before);
            foreach (var @event in first.Events)
                state.Apply(@event);
        }
    }

    [Property]
    public void Where_batches_are_cut_does_not_change_the_log(WriteStep[] steps)
    {
        // Time is taken once a batch, so here it stands still.
        var still = steps.Select(s => s with { Clock = 0 }).ToArray();
        var cut = Run(still);
        var whole = Run([.. still.Select(s => s with { Cut = false })]);
        var single = Run([.. still.Select(s => s with { Cut = true })]);
        whole.Log.Select(Make.Show).ShouldBe(cut.Log.Select(Make.Show));
        single.Log.Select(Make.Show).ShouldBe(cut.Log.Select(Make.Show));
        single.Answers.Select(a => a.Verdict.At).ShouldBe(whole.Answers.Select(a => a.Verdict.At));
    }

    [Property]
    public void Replay_gives_the_same_state(WriteStep[] steps, byte tailEvents, byte kept)
    {
        var limits = Make.Limits(tailEvents: 1 + (tailEvents % 12));
        var live = Run(steps, limits);

        // The journal returns at least as many as the room keeps; with all of them even every id is known again.
        var tail = live.Log.TakeLast(limits.TailEvents + kept).ToList();
        var replayed = new RoomState(Make.Room, Make.Opened(live.Log.Count, 1, tail), limits);
        Observe(replayed).ShouldBe(Observe(live.State));
        foreach (var @event in tail)
        {
            replayed.TryFind(@event.Author, @event.Mid, out var at).ShouldBeTrue();
            at.ShouldBe(new WrittenAt(@event.Seq, @event.Ts));
        }
    }

    [Property]
    public void A_room_that_is_opened_again_between_batches_goes_on_as_one_that_is_not(WriteStep[] steps)
        => Run(steps, reopen: true).Log.Select(Make.Show).ShouldBe(Run(steps).Log.Select(Make.Show));

    private static string Observe(RoomState state)
    {
        var reads = new List<string>();
        for (var after = 0L; after <= state.Head; after += 3)
        {
            foreach (var newest in new[] { false, true })
            {
                var read = state.TryRead(new ReadRange(after, long.MaxValue, 5, newest));
                reads.Add(read is null ? "journal" : string.Join(',', read.Select(e => e.Seq)));
            }
        }

        return string.Join('\n', [
            state.Log,
            string.Create(CultureInfo.InvariantCulture, $"{state.Head} {state.First} {state.TailStart} {state.LastTs}"),
            .. state.Tail.Select(Make.Show), .. reads]);
    }

    private static History Run(IReadOnlyList<WriteStep> steps, RoomLimits? limits = null, bool reopen = false)
    {
        var history = new History(Make.State(limits), [], []);
        foreach (var (writes, now) in Batches(steps))
        {
            var decision = RoomDecider.Decide(history.State, writes, now);
            decision.Verdicts.Count.ShouldBe(writes.Count);
            history.Answers.AddRange(writes.Zip(decision.Verdicts));
            history.Log.AddRange(decision.Events);
            foreach (var @event in decision.Events)
                history.State.Apply(@event);
            if (reopen)
                history = history with { State = new RoomState(Make.Room, Make.Opened(history.Log.Count, 1, history.Log.ToList()), Make.Limits()) };
        }

        return history;
    }

    private static IEnumerable<(List<Write> Writes, long Now)> Batches(IReadOnlyList<WriteStep> steps)
    {
        var batch = new List<Write>();
        var now = 1_000L;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            if (step.Cut && batch.Count > 0)
            {
                yield return (batch, now);
                batch = [];
            }

            now += step.Clock;
            var text = string.Create(CultureInfo.InvariantCulture, $"text {i}");
            batch.Add(Make.Write($"u{step.Author % 3}", $"m{step.Mid % 6}", text, step.Reply % 4 == 0 ? step.Reply % 16 : null));
        }

        if (batch.Count > 0)
            yield return (batch, now);
    }

    private sealed record History(RoomState State, List<StoredEvent> Log, List<(Write Write, WriteVerdict Verdict)> Answers);
}
