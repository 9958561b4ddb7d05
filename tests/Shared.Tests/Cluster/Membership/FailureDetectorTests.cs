using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Membership;

namespace ClusterChat.Shared.Tests.Cluster.Membership;

public sealed class FailureDetectorTests
{
    private readonly FailureDetector _detector = new("me/1", new MembershipOptions());

    [Fact]
    public void A_counter_that_stands_still_for_the_limit_is_dead_and_not_before()
    {
        for (var t = 0; t <= 4; t++)
            See(t, ("a", 7), ("b", t));
        _detector.Suspects.ShouldBeEmpty();
        See(5.1, ("a", 7), ("b", 5));
        _detector.Suspects.ShouldBe(new Dictionary<string, Suspicion> { ["a/1"] = Suspicion.Dead });
    }

    [Fact]
    public void Time_counts_from_an_answer_to_a_question_only()
    {
        for (var t = 0; t <= 5; t++)
            _detector.Observe(Table(("a", 7)), Seconds(t), Seconds(t + 0.3));
        _detector.SilenceOf("a/1").ShouldBe(Seconds(4.7));
    }

    [Fact]
    public void A_counter_that_moves_clears_the_suspicion()
    {
        Silence(10);
        _detector.Judge("a/1").ShouldBe(Suspicion.Dead);
        See(11, ("a", 8));
        _detector.Judge("a/1").ShouldBeNull();
    }

    [Fact]
    public void A_failed_read_gives_everybody_the_full_limit_again()
    {
        Silence(4);
        _detector.Missed();
        _detector.SilenceOf("a/1").ShouldBe(TimeSpan.Zero);
        for (var t = 5; t <= 9; t++)
            See(t, ("a", 7));
        _detector.Suspects.ShouldBeEmpty();
        See(10, ("a", 7));
        _detector.Judge("a/1").ShouldBe(Suspicion.Dead);
    }

    [Theory]
    [InlineData(1.9, true)]
    [InlineData(2.1, false)]
    [InlineData(3600, false)]
    public void A_gap_in_the_observers_own_reads_gives_everybody_the_full_limit_again(double gap, bool counts)
    {
        Silence(4);
        See(4 + gap, ("a", 7));
        (_detector.Judge("a/1") == Suspicion.Dead).ShouldBe(counts);
    }

    [Fact]
    public void A_refusal_is_a_suspicion_at_once_and_death_after_the_shorter_limit()
    {
        See(0, ("a", 7));
        _detector.LinkChanged("a/1", LinkState.Refused);
        _detector.Judge("a/1").ShouldBe(Suspicion.Refused);
        See(1, ("a", 7));
        See(2, ("a", 7));
        _detector.Judge("a/1").ShouldBe(Suspicion.Refused);
        See(2.5, ("a", 7));
        _detector.Judge("a/1").ShouldBe(Suspicion.Dead);
    }

    [Fact]
    public void A_node_that_refuses_and_whose_counter_moves_is_never_dead()
    {
        _detector.LinkChanged("a/1", LinkState.Refused);
        for (var t = 0; t < 60; t++)
            See(t, ("a", t));
        _detector.Judge("a/1").ShouldBeNull("what was refused before the node came is forgotten");
        _detector.LinkChanged("a/1", LinkState.Refused);
        for (var t = 60; t < 120; t++)
            See(t, ("a", t));
        _detector.Judge("a/1").ShouldBe(Suspicion.Refused);
    }

    [Fact]
    public void A_connection_clears_a_refusal_and_a_lost_one_does_not()
    {
        See(0, ("a", 7));
        _detector.LinkChanged("a/1", LinkState.Refused);
        _detector.LinkChanged("a/1", LinkState.Lost);
        _detector.Judge("a/1").ShouldBe(Suspicion.Refused);
        _detector.LinkChanged("a/1", LinkState.Connected);
        _detector.Judge("a/1").ShouldBeNull();
    }

    [Fact]
    public void An_open_connection_does_not_save_a_counter_that_stands_still()
    {
        See(0, ("a", 7));
        _detector.LinkChanged("a/1", LinkState.Connected);
        Silence(6);
        _detector.Judge("a/1").ShouldBe(Suspicion.Dead);
    }

    [Fact]
    public void A_lost_connection_says_nothing_of_a_counter_that_moves()
    {
        for (var t = 0; t < 60; t++)
        {
            _detector.LinkChanged("a/1", LinkState.Lost);
            See(t, ("a", t));
        }

        _detector.Suspects.ShouldBeEmpty();
    }

    [Fact]
    public void Who_is_new_has_the_full_limit_and_who_is_gone_is_forgotten()
    {
        Silence(10);
        See(11, ("a", 7), ("b", 0));
        _detector.Suspects.Keys.ShouldBe(["a/1"]);
        See(12, ("b", 0));
        _detector.Suspects.ShouldBeEmpty();
        See(13, ("a", 7), ("b", 0));
        _detector.SilenceOf("a/1").ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Who_moves_is_known_since_when_and_a_gap_begins_anew()
    {
        See(0, ("a", 1));
        _detector.MovingSince("a/1").ShouldBeNull("one value is no movement");
        for (var t = 1; t <= 6; t++)
            See(t, ("a", t + 1));
        _detector.MovingSince("a/1").ShouldBe(Seconds(1));
        See(7, ("a", 7));
        See(8, ("a", 7));
        _detector.MovingSince("a/1").ShouldBe(Seconds(1));
        See(9, ("a", 7));
        _detector.MovingSince("a/1").ShouldBeNull("it has stopped");
        _detector.Judge("a/1").ShouldBeNull();
        See(10, ("a", 8));
        _detector.MovingSince("a/1").ShouldBe(Seconds(10));
        See(11, ("a", 9));
        _detector.MovingSince("a/1").ShouldBe(Seconds(10));
        _detector.Missed();
        _detector.MovingSince("a/1").ShouldBeNull();
        See(12, ("a", 10));
        _detector.MovingSince("a/1").ShouldBeNull("it may have moved long before");
        See(13, ("a", 11));
        _detector.MovingSince("a/1").ShouldBe(Seconds(13));
    }

    [Fact]
    public void Nobody_suspects_itself()
    {
        for (var t = 0; t < 20; t++)
            See(t, ("me", 1));
        _detector.LinkChanged("me/1", LinkState.Refused);
        _detector.Suspects.ShouldBeEmpty();
    }

    private static TimeSpan Seconds(double s) => TimeSpan.FromSeconds(s);

    private static MembershipTable Table(params (string Name, long Heartbeat)[] nodes) =>
        new(1, [.. nodes.Select(n => new MemberNode(new ClusterNode(n.Name, "1", NodeRoles.Rooms), n.Heartbeat))], []);

    private void Silence(int seconds)
    {
        for (var t = 0; t <= seconds; t++)
            See(t, ("a", 7));
    }

    private void See(double at, params (string Name, long Heartbeat)[] nodes) => _detector.Observe(Table(nodes), Seconds(at), Seconds(at));
}
