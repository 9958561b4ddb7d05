using ClusterChat.TestKit;

namespace ClusterChat.Simulation.Tests;

public class ClusterTests
{
    [Theory]
    [InlineData(SimTroubles.None)]
    [InlineData(SimTroubles.Kills)]
    [InlineData(SimTroubles.Pauses)]
    [InlineData(SimTroubles.Cuts)]
    [InlineData(SimTroubles.Drops)]
    [InlineData(SimTroubles.Drains)]
    [InlineData(SimTroubles.Scaling)]
    [InlineData(SimTroubles.ClockJumps)]
    [InlineData(SimTroubles.StoreCutOffs)]
    [InlineData(SimTroubles.Store)]
    [InlineData(SimTroubles.NarrowLinks)]
    [InlineData(SimTroubles.Placement)]
    public void The_promises_hold_under_one_kind_of_trouble(SimTroubles troubles)
    {
        SeedRuns.Hold(SeedRuns.Seeds(15), seed => SimPlan.Cluster(seed, troubles));
    }

    [Fact]
    public void The_promises_hold_under_all_of_them()
    {
        SeedRuns.Hold(SeedRuns.Seeds(300), SimPlan.ClusterFrom);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var first = SimRunner.Run(SimPlan.ClusterFrom(seed));
            SimRunner.Run(SimPlan.ClusterFrom(seed)).TraceHash.ShouldBe(first.TraceHash, $"seed {seed}");
        }
    }
}
