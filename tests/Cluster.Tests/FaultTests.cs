using ClusterChat.Cluster.Tests.Harness.Faults;
using ClusterChat.Cluster.Tests.Harness.Load;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>
/// Real processes under real faults, one after the other, with 200 clients that talk all the time; the checker of the
/// simulation reads the whole history. <c>tests/soak.sh</c> does the same for as long as one likes, and measures.
/// </summary>
[Collection(FaultCollection.Name)]
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly (string Name, string Roles)[] Nodes = [("g1", "gateway"), ("r1", "rooms"), ("n1", Fleet.Both), ("n2", Fleet.Both)];

    /// <summary>A gateway's clients go within half of its grace period.</summary>
    private static readonly Dictionary<string, string> ShortDrain = new(StringComparer.Ordinal) { ["Limits:DrainGrace"] = "00:00:08" };

    [Fact]
    public Task Kills_lose_double_and_reorder_nothing()
        => RunAsync(new SqliteFleetStore(), network: null, "kill-owner", "kill-gateway", "kill-node", "kill-all");

    [Fact]
    public async Task A_frozen_owner_comes_back_to_nothing_and_a_frozen_gateway_slows_nobody_else()
    {
        var report = await RunAsync(new SqliteFleetStore(), network: null, "freeze-owner", "freeze-gateway");
        report.Pause(FaultKinds.OthersOfFrozenGateway, 1).ShouldBeLessThan(3000, "whoever waited for it would have waited for the 5 s until it was removed");
    }

    [Fact]
    [Trait("Needs", "PostgreSQL")]
    public async Task Rolling_deploys_and_scaling_lose_double_and_reorder_nothing()
        => await RunAsync(await PostgresFleetStore.CreateAsync(), network: null, "rolling", "scale");

    [Fact]
    [Trait("Needs", "PostgreSQL")]
    public async Task A_database_that_is_stopped_or_killed_costs_a_pause_and_nobody_their_place()
        => await RunAsync(await PostgresFleetStore.CreateAsync(), network: null, "stop-store", "kill-store");

    [Fact]
    [Trait("Needs", "namespaces")]
    public async Task Cut_links_lose_double_and_reorder_nothing()
        => await RunAsync(new SqliteFleetStore(), await NodeNetwork.CreateAsync([.. Nodes.Select(n => n.Name)]), "cut", "cut-one-way", "cut-gateway");

    private async Task<PauseReport> RunAsync(IFleetStore store, NodeNetwork? network, params string[] kinds)
    {
        await using var fleet = await Fleet.StartAsync(store, network, Nodes, ShortDrain);
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
        return run.Report;
    }
}
