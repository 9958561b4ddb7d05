using System.Globalization;
using System.Text;
using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;

namespace ClusterChat.Simulation.Tests;

/// <summary>The checker is shown histories with one thing wrong in each, and has to say which promise it breaks.</summary>
public class CheckerTests
{
    private static readonly SimResult Good = SimRunner.Run(SimPlan.Calm(3));
    private readonly List<Fact> _facts = [.. Good.Facts];
    private readonly JournaledRoom _room = Good.Journal[0];

    [Fact]
    public void A_history_as_it_was_breaks_no_promise() => Check(Good.Journal).ShouldBeEmpty();

    [Fact]
    public void A_live_event_that_is_missing_is_a_hole()
    {
        _facts.RemoveAt(AnEvent());
        Breaks(PromiseChecker.InOrder);
    }

    [Fact]
    public void A_live_event_that_comes_twice_is_seen()
    {
        var at = AnEvent();
        _facts.Insert(at, _facts[at]);
        Breaks(PromiseChecker.InOrder);
    }

    [Fact]
    public void Two_live_events_in_the_wrong_order_are_seen()
    {
        var client = ((Fact.EventSeen)_facts[AnEvent()]).Client;
        var events = Enumerable.Range(0, _facts.Count).Where(i => _facts[i] is Fact.EventSeen e && e.Client == client).Skip(10).Take(2).ToList();
        (_facts[events[0]], _facts[events[1]]) = (_facts[events[1]], _facts[events[0]]);
        Breaks(PromiseChecker.InOrder);
    }

    [Fact]
    public void An_event_of_other_bytes_is_seen()
    {
        Change<Fact.EventSeen>(AnEvent(), e => e with { Event = e.Event with { Line = e.Event.Line.Replace("text", "Text", StringComparison.Ordinal) } });
        Breaks(PromiseChecker.SameBytes);
    }

    [Fact]
    public void An_event_that_the_journal_does_not_hold_is_seen()
    {
        Change<Fact.EventSeen>(AnEvent(), e => e with { Event = e.Event with { Seq = 100_000 } });
        Breaks(PromiseChecker.AckedIsDurable);
    }

    [Fact]
    public void A_live_event_before_the_join_is_answered_is_seen()
    {
        var at = AnEvent();
        var seen = (Fact.EventSeen)_facts[at];
        _facts.Insert(at, new Fact.Disconnected(seen.At, seen.Client, seen.Connection, null));
        Breaks(PromiseChecker.InOrder);
    }

    [Fact]
    public void A_page_with_a_hole_is_seen()
    {
        Change<Fact.PageSeen>(APage(), p => p with { Events = [p.Events[0], .. p.Events.Skip(2)] });
        Breaks(PromiseChecker.InOrder);
    }

    [Fact]
    public void A_page_that_says_another_position_than_its_last_event_is_seen()
    {
        Change<Fact.PageSeen>(APage(), p => p with { Seq = p.Seq + 1 });
        Breaks(PromiseChecker.InOrder);
    }

    [Fact]
    public void A_resumption_that_leaves_out_the_first_event_is_seen()
    {
        Change<Fact.PageSeen>(APage(), p => p with { Events = [.. p.Events.Skip(1)] });
        Breaks(PromiseChecker.InOrder);
    }

    [Fact]
    public void A_durable_room_that_cannot_be_resumed_is_seen()
    {
        Change<Fact.PageSeen>(APage(), p => p with { Recovered = false });
        Breaks(PromiseChecker.InOrder);
    }

    [Fact]
    public void A_reset_of_a_durable_room_is_seen()
    {
        var seen = (Fact.EventSeen)_facts[AnEvent()];
        _facts.Add(new Fact.ResetSeen(seen.At, seen.Client, seen.Room));
        Breaks(PromiseChecker.LogStays);
    }

    [Fact]
    public void A_log_that_changes_is_seen()
    {
        Change<Fact.PageSeen>(APage(), p => p with { Log = "another" });
        Breaks(PromiseChecker.LogStays);
    }

    [Fact]
    public void A_join_that_does_not_show_what_was_acked_before_is_seen()
    {
        var at = _facts.FindLastIndex(f => f is Fact.PageSeen);
        var page = (Fact.PageSeen)_facts[at];
        var asked = _facts.FindLastIndex(at, f => f is Fact.JoinAsked j && j.Client == page.Client);
        _facts.Insert(asked, new Fact.Acked(page.At, "somebody", 1, page.Room, "m", 100_000));
        Breaks(PromiseChecker.Fresh);
    }

    [Fact]
    public void An_acked_event_that_is_not_in_the_journal_is_seen()
    {
        Check([_room with { Events = [.. _room.Events.SkipLast(1)], Head = _room.Head - 1 }])
            .ShouldContain(v => v.Promise == PromiseChecker.AckedIsDurable);
    }

    [Fact]
    public void An_ack_that_was_written_before_the_event_was_stored_is_seen()
    {
        Change<Fact.AckWritten>(_facts.FindIndex(f => f is Fact.AckWritten), a => a with { Durable = false });
        Breaks(PromiseChecker.AckedIsDurable);
    }

    [Fact]
    public void An_ack_with_another_number_is_seen()
    {
        Change<Fact.Acked>(_facts.FindIndex(f => f is Fact.Acked), a => a with { Seq = a.Seq + 1 });
        Breaks(PromiseChecker.AckedIsDurable);
    }

    [Fact]
    public void A_write_that_is_in_the_journal_twice_is_seen()
    {
        var again = _room.Events[3] with { Seq = _room.Head + 1, Ts = _room.Events[^1].Ts };
        Check([_room with { Events = [.. _room.Events, again], Head = _room.Head + 1 }])
            .ShouldContain(v => v.Promise == PromiseChecker.ExactlyOnce);
    }

    [Fact]
    public void A_hole_in_the_journal_is_seen()
    {
        Check([_room with { Events = [.. _room.Events.Take(5), .. _room.Events.Skip(6)] }])
            .ShouldContain(v => v.Promise == PromiseChecker.Dense);
    }

    [Fact]
    public void An_event_that_nobody_sent_is_seen()
    {
        var made = _room.Events[^1] with { Seq = _room.Head + 1, Mid = "made-up" };
        Check([_room with { Events = [.. _room.Events, made], Head = _room.Head + 1 }])
            .ShouldContain(v => v.Promise == PromiseChecker.ExactlyOnce);
    }

    [Fact]
    public void A_text_that_is_not_the_one_that_was_sent_is_seen()
    {
        var other = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_room.Events[4].Line.Span).Replace("text ", "test ", StringComparison.Ordinal));
        Check([_room with { Events = [.. _room.Events.Select(e => e.Seq == 5 ? e with { Line = other } : e)] }])
            .ShouldContain(v => v.Promise == PromiseChecker.SameBytes);
    }

    [Fact]
    public void Writes_of_one_sender_in_another_order_than_sent_are_seen()
    {
        var sent = TwoWrites();
        var (first, second) = (_facts.IndexOf(sent[0]), _facts.IndexOf(sent[1]));
        (_facts[first], _facts[second]) = (_facts[second], _facts[first]);
        Breaks(PromiseChecker.SendersOrder);
    }

    [Fact]
    public void A_refusal_excuses_another_order()
    {
        var sent = TwoWrites();
        var (first, second) = (_facts.IndexOf(sent[0]), _facts.IndexOf(sent[1]));
        (_facts[first], _facts[second]) = (_facts[second], _facts[first]);
        _facts.Add(new Fact.WriteRefused(sent[0].At, sent[0].Client, sent[0].Room, sent[0].Mid, "unavailable"));
        Check(Good.Journal).ShouldBeEmpty();
    }

    [Fact]
    public void A_client_that_ends_behind_the_head_is_seen()
    {
        Change<Fact.Rested>(_facts.FindIndex(f => f is Fact.Rested), r => r with { Seq = r.Seq - 1 });
        Breaks(PromiseChecker.Liveness);
    }

    [Fact]
    public void A_ghost_in_the_list_of_members_is_seen()
    {
        Change<Fact.Rested>(_facts.FindIndex(f => f is Fact.Rested), r => r with { Members = [.. r.Members, "ghost"] });
        Breaks(PromiseChecker.Presence);
    }

    [Fact]
    public void An_arrival_that_was_not_told_is_seen()
    {
        Change<Fact.Rested>(_facts.FindIndex(f => f is Fact.Rested), r => r with { ToldMembers = [.. r.ToldMembers.Skip(1)] });
        Breaks(PromiseChecker.Presence);
    }

    [Fact]
    public void An_actor_that_fails_is_seen()
    {
        _facts.Add(new Fact.Broken(TimeSpan.Zero, string.Create(CultureInfo.InvariantCulture, $"actor {1} failed")));
        Breaks(PromiseChecker.NothingBreaks);
    }

    private static bool IsMemory(string room) => room.StartsWith("mem:", StringComparison.Ordinal);

    private IReadOnlyList<Violation> Check(IReadOnlyList<JournaledRoom> journal)
        => PromiseChecker.Check(_facts, journal, IsMemory, refusalsMayBeLost: false);

    private void Breaks(string promise) => Check(Good.Journal).ShouldContain(v => v.Promise == promise);

    // Of one client to one room: only these have an order.
    private List<Fact.Sent> TwoWrites()
        => [.. _facts.OfType<Fact.Sent>().GroupBy(s => (s.Client, s.Room)).Select(g => g.DistinctBy(s => s.Mid).Take(2)).First(g => g.Count() == 2)];

    private int AnEvent() => _facts.FindIndex(_facts.Count / 2, f => f is Fact.EventSeen);

    // One that resumes, with some events, and is not followed by others.
    private int APage() => _facts.FindIndex(f => f is Fact.PageSeen { More: false, Events.Count: > 2 } page
        && _facts.OfType<Fact.JoinAsked>().Last(j => j.Client == page.Client && j.At <= page.At).Log is not null);

    private void Change<T>(int at, Func<T, Fact> change)
        where T : Fact => _facts[at] = change((T)_facts[at]);
}
