using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Membership;
using FsCheck.Xunit;

namespace ClusterChat.Shared.Tests.Cluster.Membership;

/// <summary>Random histories of one peer and one observer, with outages and pauses.</summary>
public sealed class FailureDetectorProperties
{
    private static readonly MembershipOptions Options = new();

    /// <param name="seed">Of the history.</param>
    [Property(MaxTest = 300)]
    public void Who_is_dead_was_silent_for_the_limit_in_one_run_of_successes(int seed)
    {
        var random = new Random(seed);
        var detector = new FailureDetector("me/1", Options);
        TimeSpan now = TimeSpan.Zero, lastChange = TimeSpan.Zero, changeRead = TimeSpan.Zero, runStart = TimeSpan.MaxValue, lastAnswer = TimeSpan.MinValue / 2;
        long heartbeat = 0;
        var refused = false;
        for (var step = 0; step < 200; step++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(10) == 0 ? random.Next(6000) : random.Next(200, 1300));
            if (random.Next(6) == 0)
            {
                heartbeat++;
                lastChange = now;
            }

            switch (random.Next(12))
            {
                case 0:
                    detector.Missed();
                    runStart = TimeSpan.MaxValue;
                    break;
                case 1:
                    refused = random.Next(2) == 0;
                    if (step > 0)
                        detector.LinkChanged("a/1", refused ? LinkState.Refused : LinkState.Connected);
                    break;
                default:
                    var asked = now;
                    now += TimeSpan.FromMilliseconds(random.Next(300));
                    detector.Observe(Table(heartbeat), asked, now);
                    if (runStart == TimeSpan.MaxValue || now - lastAnswer > Options.MaxGap)
                        runStart = now;
                    (lastAnswer, changeRead) = (now, lastChange);
                    break;
            }

            var judged = detector.Judge("a/1");
            if (judged == Suspicion.Dead)
            {
                var limit = refused ? Options.RefusedLimit : Options.FailureLimit;
                (lastAnswer - changeRead).ShouldBeGreaterThanOrEqualTo(limit);
                (lastAnswer - runStart).ShouldBeGreaterThanOrEqualTo(limit);
            }
            else if (judged == Suspicion.Refused)
            {
                refused.ShouldBeTrue();
            }
        }
    }

    /// <param name="seed">Of the peer's hiccups.</param>
    [Property(MaxTest = 100)]
    public void Who_raises_its_counter_often_enough_is_never_suspected(int seed)
    {
        var random = new Random(seed);
        var detector = new FailureDetector("me/1", Options);
        var (now, next, heartbeat) = (0.0, 0.0, 0L);
        for (var step = 0; step < 300; step++)
        {
            now += random.NextDouble() * 1.5;
            while (next <= now)
            {
                heartbeat++;
                next += random.NextDouble() * 3.4;
            }

            detector.Observe(Table(heartbeat), TimeSpan.FromSeconds(now), TimeSpan.FromSeconds(now));
            detector.Suspects.ShouldBeEmpty();
        }
    }

    private static MembershipTable Table(long heartbeat) =>
        new(1, [new MemberNode(new ClusterNode("a", "1", NodeRoles.Rooms), heartbeat)], []);
}
