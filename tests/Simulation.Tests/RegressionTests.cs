using ClusterChat.TestKit;

namespace ClusterChat.Simulation.Tests;

/// <summary>Runs that once broke a promise, each with what was wrong.</summary>
public class RegressionTests
{
    /// <summary>What is told to a room's actor overtook the opening of the stream, which goes through the region: the room ended the stream, again and again.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_belongs_to_a_stream_does_not_overtake_its_opening(int seed) => SeedRuns.Hold([seed], SimPlan.From);

    /// <summary>An owner that had opened the room again said so to nobody; the one before it then looked newer, and its head like a loss.</summary>
    [Fact]
    public void A_durable_room_is_not_reset_by_an_owner_that_is_behind()
        => SeedRuns.Hold([8], seed => SimPlan.Cluster(seed, SimTroubles.Placement));

    /// <summary>What a gateway had asked last came to a room behind the word that the gateway is gone.</summary>
    [Fact]
    public void A_gateway_that_is_gone_opens_no_stream() => SeedRuns.Hold([109], SimPlan.ClusterFrom);

    /// <summary>What the last owner gave up was lost on a cut link, and the next one went on with what an earlier one had given up.</summary>
    [Fact]
    public void A_memory_room_does_not_go_on_with_an_older_state_under_the_same_log() => SeedRuns.Hold([335], SimPlan.ClusterFrom);

    /// <summary>Who had left was told on a link that broke, and nobody said it again.</summary>
    [Fact]
    public void A_change_of_presence_that_is_lost_is_made_up_for() => SeedRuns.Hold([198], SimPlan.ClusterFrom);
}
