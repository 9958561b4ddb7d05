using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.Remote;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Shared.Tests.Cluster.Arbiter;

public sealed class AkkaConfTests
{
    private readonly Config _config = AkkaConf.Load();

    [Fact]
    public void The_types_that_it_names_are_there()
    {
        Type.GetType(_config.GetString("akka.cluster.downing-provider-class")).ShouldBe(typeof(ArbiterDowningProvider));
        Type.GetType(_config.GetString("akka.scheduler.implementation")).ShouldBe(typeof(CoordinatorScheduler));
    }

    [Fact]
    public void Akka_has_the_message_whose_delay_is_cut() =>
        typeof(ClusterSharding).Assembly.GetType(CoordinatorScheduler.CutMessage).ShouldNotBeNull();

    [Fact]
    public void A_majority_waits_for_longer_than_one_look_of_the_reaper() =>
        new ArbiterOptions().MajorityPatience.ShouldBeGreaterThan(_config.GetTimeSpan("akka.cluster.unreachable-nodes-reaper-interval"));

    [Fact]
    public void A_member_that_hangs_is_unreachable_within_five_seconds()
    {
        var (detector, run) = Detector();
        for (var i = 0; i < 1000; i++)
        {
            run(i % 2 == 0 ? 490 : 510);
            detector.HeartBeat();
        }

        run(3900);
        detector.IsAvailable.ShouldBeTrue();
        run(1100);
        detector.IsAvailable.ShouldBeFalse();
    }

    [Fact]
    public void A_member_that_gets_no_CPU_for_two_seconds_again_and_again_stays()
    {
        var (detector, run) = Detector();
        for (var i = 0; i < 1000; i++)
        {
            run(i % 5 == 0 ? 2500 : 500);
            detector.IsAvailable.ShouldBeTrue();
            detector.HeartBeat();
        }
    }

    private (PhiAccrualFailureDetector Detector, Action<long> Run) Detector()
    {
        long now = 0;
        var section = _config.GetConfig("akka.cluster.failure-detector");
        var interval = section.GetTimeSpan("heartbeat-interval");
        interval.TotalMilliseconds.ShouldBe(500);
        return (
            new PhiAccrualFailureDetector(
                section.GetDouble("threshold"),
                section.GetInt("max-sample-size"),
                section.GetTimeSpan("min-std-deviation"),
                section.GetTimeSpan("acceptable-heartbeat-pause"),
                interval,
                () => now),
            ms => now += ms);
    }
}
