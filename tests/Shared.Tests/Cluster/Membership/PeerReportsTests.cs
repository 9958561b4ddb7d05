using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Membership;

namespace ClusterChat.Shared.Tests.Cluster.Membership;

public sealed class PeerReportsTests
{
    private readonly PeerReports _reports = new(new MembershipOptions());

    [Fact]
    public void A_peer_that_reaches_the_database_for_the_whole_limit_shows_that_we_do_not()
    {
        for (var t = 0; t <= 4; t++)
            Hear(t, ago: 0);
        _reports.ReachesStoreWithoutUs(Seconds(0)).ShouldBeNull();
        Hear(5, ago: 0);
        _reports.ReachesStoreWithoutUs(Seconds(0)).ShouldBe("p/1");
        _reports.ReachesStoreWithoutUs(Seconds(1)).ShouldBeNull();
    }

    [Fact]
    public void A_peer_that_does_not_reach_it_either_shows_nothing()
    {
        for (var t = 0; t <= 60; t++)
            Hear(t, ago: t);
        _reports.ReachesStoreWithoutUs(Seconds(0)).ShouldBeNull();
    }

    [Fact]
    public void After_an_outage_the_first_that_is_back_proves_nothing_against_the_others()
    {
        for (var t = 0; t <= 30; t++)
            Hear(t, ago: t);
        for (var t = 31; t <= 35; t++)
            Hear(t, ago: 0);
        _reports.ReachesStoreWithoutUs(Seconds(0)).ShouldBeNull();
        Hear(36, ago: 0);
        _reports.ReachesStoreWithoutUs(Seconds(0)).ShouldBe("p/1");
    }

    [Fact]
    public void What_is_heard_of_long_ago_or_is_nonsense_does_no_harm()
    {
        _reports.Heard("p/1", new AliveLink(1, long.MaxValue), Seconds(1));
        _reports.Heard("p/1", new AliveLink(1, long.MinValue), Seconds(2));
        _reports.ReachesStoreWithoutUs(Seconds(0)).ShouldBeNull();
        _reports.Retain(new HashSet<string>());
        _reports.AllOthersReach("x/1", 1, Seconds(2)).ShouldBeFalse();
    }

    [Fact]
    public void A_node_is_reached_by_all_others_only_if_somebody_says_so_now_and_nobody_objects()
    {
        _reports.AllOthersReach("x/1", 1, Seconds(0)).ShouldBeFalse();
        _reports.Heard("p/1", new AliveLink(1, 0, Unreached: null), Seconds(0));
        _reports.AllOthersReach("x/1", 1, Seconds(0)).ShouldBeFalse("it does not say");
        _reports.Heard("p/1", new AliveLink(1, 0, []), Seconds(0));
        _reports.AllOthersReach("x/1", 1, Seconds(0)).ShouldBeTrue();
        _reports.AllOthersReach("x/1", 2, Seconds(0)).ShouldBeFalse("it may not know the node");
        _reports.AllOthersReach("x/1", 1, Seconds(3)).ShouldBeFalse("that was long ago");
        _reports.AllOthersReach("p/1", 1, Seconds(0)).ShouldBeFalse("its own word does not count");
        _reports.Heard("q/1", new AliveLink(1, 0, ["x/1"]), Seconds(0));
        _reports.AllOthersReach("x/1", 1, Seconds(0)).ShouldBeFalse("another one fails too");
    }

    private static TimeSpan Seconds(double s) => TimeSpan.FromSeconds(s);

    private void Hear(double at, double ago) => _reports.Heard("p/1", new AliveLink(1, (long)(ago * 1000)), Seconds(at));
}
