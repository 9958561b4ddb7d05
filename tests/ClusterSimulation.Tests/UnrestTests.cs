using System.Globalization;
using ClusterChat.ClusterSimulation.Worlds;
using Xunit.Abstractions;

namespace ClusterChat.ClusterSimulation.Tests;

/// <summary>The real cluster and sharding under seeds: what holds after each unrest, and that a seed is one run and no other.</summary>
public class UnrestTests(Runs runs, ITestOutputHelper output) : IClassFixture<Runs>
{
    [Fact]
    public void After_an_unrest_all_nodes_are_one_cluster_and_each_room_answers_everybody()
    {
        foreach (var run in runs.All)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"seed {run.Seed} ({run.Kind}): {run.Messages} messages, {run.VirtualSeconds:F0} virtual s in {run.Seconds:F1} s, settled in {run.SettledSeconds:F1} s, {run.Answers} answers, {run.Doubles} times open twice, {run.LastingDoubles} lasting, {run.StuckJoins} stuck joins; {string.Join(", ", run.Troubles.Select(t => $"{t.Key} {t.Value}"))}"));
        }
        var failed = runs.All.Where(r => r.Violations.Count > 0).ToList();
        if (failed.Count > 0)
            Assert.Fail(runs.Story(failed));
        runs.All.ShouldAllBe(r => r.Answers > 0 && r.Troubles.Count > 0);
        runs.All.Select(r => r.Kind).Distinct().Count().ShouldBe(Enum.GetValues<UnrestKind>().Length);
    }

    [Fact]
    public void A_seed_is_the_same_run_again_and_in_another_process()
    {
        var hashes = runs.All.ToDictionary(r => (r.Kind, r.Seed), r => r.Hash);
        runs.Repeated.ShouldNotBeEmpty();
        foreach (var run in runs.Repeated)
            run.Hash.ShouldBe(hashes[(run.Kind, run.Seed)], $"seed {run.Seed} ({run.Kind})");
    }

    [Fact]
    public void Different_seeds_are_different_runs() => runs.All.Select(r => r.Hash).ShouldBeUnique();

    [Fact]
    public void Nothing_leaves_the_thread() => runs.All.ShouldAllBe(r => r.PoolItems == 0);
}
