using ClusterChat.TestKit;

namespace ClusterChat.Simulation.Tests;

public class ClusterTests
{
    [Fact]
    public void Clients_of_several_gateways_see_every_event_once()
    {
        SeedRuns.Hold(SeedRuns.Seeds(100), SimPlan.CalmCluster);
    }
}
