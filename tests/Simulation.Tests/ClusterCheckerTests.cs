using ClusterChat.TestKit;

namespace ClusterChat.Simulation.Tests;

/// <summary>As <see cref="CheckerTests"/>, for what concerns several nodes.</summary>
public class ClusterCheckerTests
{
    // Three nodes with both roles, of which some are killed; with a durable and a memory room.
    private static readonly SimResult Good = SimRunner.Run(SimPlan.Cluster(7, SimTroubles.Kills) with
    {
        Nodes = [Both, Both, Both],
        RoomNames = ["a", "mem:x"],
        NodeKills = TimeSpan.FromSeconds(6),
        Unrest = TimeSpan.FromSeconds(20),
    });

    private readonly List<Fact> _facts = [.. Good.Facts];

    private static Cluster.NodeRoles Both => Cluster.NodeRoles.Gateway | Cluster.NodeRoles.Rooms;

    [Fact]
    public void A_history_as_it_was_breaks_no_promise() => Check().ShouldBeEmpty();

    [Fact]
    public void An_append_under_an_epoch_that_is_over_is_seen()
    {
        var at = _facts.FindIndex(f => f is Fact.Opened { Room: "a", Epoch: > 1 });
        var append = (Fact.Appended)_facts.First(f => f is Fact.Appended { Room: "a" });
        _facts.Insert(at + 1, append with { BaseSeq = 0 });
        Breaks(PromiseChecker.OneOwner);
    }

    [Fact]
    public void An_append_of_another_node_than_the_one_that_opened_is_seen()
    {
        Change<Fact.Appended>(f => f.Room == "a", a => a with { Node = "n9/9" });
        Breaks(PromiseChecker.OneOwner);
    }

    [Fact]
    public void An_append_to_another_history_is_seen()
    {
        Change<Fact.Appended>(f => f is { Room: "a", BaseSeq: > 0 }, a => a with { BaseSeq = a.BaseSeq - 1 });
        Breaks(PromiseChecker.OneOwner);
    }

    [Fact]
    public void An_epoch_that_two_nodes_have_is_seen()
    {
        var at = _facts.FindLastIndex(f => f is Fact.Opened { Room: "a" });
        _facts.Insert(at + 1, (Fact.Opened)_facts[at] with { Node = "n9/9" });
        Breaks(PromiseChecker.OneOwner);
    }

    [Fact]
    public void A_node_that_is_evicted_without_a_reason_is_seen()
    {
        var view = (Fact.ViewChanged)_facts.Last(f => f is Fact.ViewChanged);
        _facts.Add(view with { At = End, View = view.View + 1, Removed = [view.Nodes[0]] });
        Breaks(PromiseChecker.Membership);
    }

    [Fact]
    public void A_node_that_stood_still_may_be_evicted()
    {
        var view = (Fact.ViewChanged)_facts.Last(f => f is Fact.ViewChanged);
        _facts.Add(new Fact.NodePaused(End, view.Nodes[0]));
        _facts.Add(view with { At = End, View = view.View + 1, Removed = [view.Nodes[0]] });
        Check().ShouldBeEmpty();
    }

    [Fact]
    public void A_node_that_gives_up_without_a_reason_is_seen()
    {
        _facts.Add(new Fact.MembershipOver(End, Alive, "Removed"));
        Breaks(PromiseChecker.Membership);
    }

    [Fact]
    public void A_node_that_goes_on_acking_after_it_is_out_is_seen()
    {
        var ack = (Fact.AckWritten)_facts.Last(f => f is Fact.AckWritten);
        var view = (Fact.ViewChanged)_facts.Last(f => f is Fact.ViewChanged);
        _facts.Add(new Fact.NodePaused(End, ack.Node));
        _facts.Add(view with { At = End, View = view.View + 1, Removed = [ack.Node] });
        _facts.Add(new Fact.NodeResumed(End, ack.Node));
        _facts.Add(ack with { At = End + TimeSpan.FromSeconds(12) });
        Check().ShouldBeEmpty();
        _facts.Add(ack with { At = End + TimeSpan.FromSeconds(13) });
        Breaks(PromiseChecker.Membership);
    }

    [Fact]
    public void A_write_that_is_in_the_log_of_a_memory_room_twice_is_seen()
    {
        var at = _facts.FindLastIndex(f => f is Fact.EventSeen { Room: "mem:x" });
        var seen = (Fact.EventSeen)_facts[at];
        _facts.Insert(at + 1, seen with { Event = seen.Event with { Seq = seen.Event.Seq + 1 } });
        Breaks(PromiseChecker.ExactlyOnce);
    }

    [Fact]
    public void Two_logs_of_a_memory_room_at_the_end_are_seen()
    {
        Change<Fact.Rested>(f => f.Room == "mem:x", r => r with { Log = "another" });
        Breaks(PromiseChecker.Liveness);
    }

    [Fact]
    public void A_member_of_a_gateway_that_is_gone_is_seen()
    {
        Change<Fact.Rested>(_ => true, r => r with { Members = [.. r.Members, "left-behind"] });
        Breaks(PromiseChecker.Presence);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_log_of_a_memory_room_may_be_shown_by_a_node_that_was_removed_in_its_sleep_and_wakes(bool sleeps)
    {
        var (at, removed) = (End + TimeSpan.FromSeconds(20), Alive);
        var log = _facts.OfType<Fact.PageSeen>().Last(p => p.Room == "mem:x").Log;
        _facts.Add(new Fact.NodePaused(End, removed));
        _facts.Add(((Fact.ViewChanged)_facts.Last(f => f is Fact.ViewChanged)) with { At = End, View = 100, Removed = sleeps ? [removed] : [] });
        _facts.Add(new Fact.JoinAsked(End, "c99", 900, "mem:x", null, 0));
        _facts.Add(new Fact.PageSeen(End, "c99", 900, "mem:x", log, 0, true, false, []));
        _facts.Add(new Fact.NodeResumed(at, removed));
        Rejoin(at, 901, log, "before");
        Rejoin(at + TimeSpan.FromSeconds(1), 902, "before", log);
        Check().Any(v => v.Promise == PromiseChecker.LogStays).ShouldBe(!sleeps);

        void Rejoin(TimeSpan when, long connection, string from, string to)
        {
            _facts.Add(new Fact.Disconnected(when, "c99", connection - 1, null));
            _facts.Add(new Fact.JoinAsked(when, "c99", connection, "mem:x", from, 0));
            _facts.Add(new Fact.PageSeen(when, "c99", connection, "mem:x", to, 0, false, false, []));
        }
    }

    private TimeSpan End => _facts[^1].At;

    private string Alive => ((Fact.ViewChanged)_facts.Last(f => f is Fact.ViewChanged)).Nodes[0];

    private IReadOnlyList<Violation> Check()
        => PromiseChecker.Check(_facts, Good.Journal, r => r.StartsWith("mem:", StringComparison.Ordinal), refusalsMayBeLost: true);

    private void Breaks(string promise) => Check().ShouldContain(v => v.Promise == promise);

    private void Change<T>(Func<T, bool> which, Func<T, Fact> change)
        where T : Fact
    {
        var at = _facts.FindLastIndex(f => f is T t && which(t));
        _facts[at] = change((T)_facts[at]);
    }
}
