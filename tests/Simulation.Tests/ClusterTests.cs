using ClusterChat.TestKit;

namespace ClusterChat.Simulation.Tests;

public class ClusterTests
{
    [Fact]
    public void Clients_of_several_gateways_see_every_event_once()
    {
        SeedRuns.Hold(SeedRuns.Seeds(100), SimPlan.CalmCluster);
    }

    [Fact]
    public void Nodes_that_are_stopped_and_come_back_cost_nobody_an_event()
    {
        SeedRuns.Hold(SeedRuns.Seeds(60), SimPlan.RollingCluster);
    }
}
