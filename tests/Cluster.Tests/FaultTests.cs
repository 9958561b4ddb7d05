using ClusterChat.Cluster.Tests.Harness.Faults;
using ClusterChat.Cluster.Tests.Harness.Load;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>
/// Real processes under real faults, one kind after the other, with 200 clients that talk all the time; the checker of
/// the simulation reads the whole history.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly (string, string)[] Nodes = [("g1", "gateway"), ("r1", "rooms"), ("n1", Fleet.Both), ("n2", Fleet.Both)];

    [Theory]
    [InlineData("kill-owner", "kill-gateway", "kill-node")]
    [InlineData("freeze-owner", "freeze-gateway")]
    [InlineData("rolling")]
    [InlineData("scale")]
    [InlineData("kill-all")]
    public async Task Nothing_is_lost_doubled_or_reordered(params string[] kinds)
    {
        await using var fleet = await Fleet.StartAsync(new SqliteFleetStore(), network: null, Nodes);
        await RunAsync(fleet, kinds);
    }

    [Theory]
    [InlineData("cut", "cut-one-way")]
    public async Task Nothing_is_lost_doubled_or_reordered_where_links_are_cut(params string[] kinds)
    {
        await using var fleet = await Fleet.StartAsync(new SqliteFleetStore(), await NodeNetwork.CreateAsync([.. Nodes.Select(n => n.Item1)]), Nodes);
        await RunAsync(fleet, kinds);
    }

    private async Task RunAsync(Fleet fleet, string[] kinds)
    {
        await using var run = new FaultRun(fleet, new LoadPlan(Clients: 200, Rooms: 24, PerSecond: 200, Prefix: "f", Seed: 1));
        try
        {
            await run.StartAsync();
            foreach (var kind in kinds)
                await run.DoAsync(kind);
            await run.FinishAsync();
        }
        finally
        {
            output.WriteLine(run.Describe());
        }

        run.Violations.ShouldBeEmpty();
    }
}
