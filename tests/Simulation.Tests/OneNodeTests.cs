using ClusterChat.TestKit;

namespace ClusterChat.Simulation.Tests;

public class OneNodeTests
{
    [Fact]
    public void Clients_that_are_cut_off_and_come_back_see_every_event_once()
    {
        SeedRuns.Hold(SeedRuns.Seeds(50), SimPlan.Calm);
    }

    [Fact]
    public void The_promises_hold_while_the_node_dies_the_store_fails_and_clients_misbehave()
    {
        SeedRuns.Hold(SeedRuns.Seeds(400), SimPlan.From);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var first = SimRunner.Run(SimPlan.From(seed));
            SimRunner.Run(SimPlan.From(seed)).TraceHash.ShouldBe(first.TraceHash, $"seed {seed}");
        }
    }
}
