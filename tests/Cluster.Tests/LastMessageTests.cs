using System.Globalization;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Cluster.Tests.Harness.Faults;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>
/// The last message before a silence: its owner is killed some milliseconds after it was sent, before, between or after
/// commit and broadcast. It arrives at everyone, once, though nobody says anything more.
/// </summary>
[Collection(FaultCollection.Name)]
public sealed class LastMessageTests(ITestOutputHelper output)
{
    private const int Trials = 5;
    private const int Members = 6;

    [Theory]
    [InlineData(20263)]
    public async Task A_message_whose_owner_is_killed_arrives_at_everyone_once(int seed)
    {
        var random = new Random(seed);
        await using var fleet = await Fleet.StartAsync(
            new SqliteFleetStore(), network: null, [("g1", "gateway"), ("g2", "gateway"), ("r1", "rooms"), ("r2", "rooms"), ("r3", "rooms")]);
        var members = await Task.WhenAll(Enumerable.Range(0, Members).Select(i => ChatClient.ConnectAsync(
            fleet.Gateways[i % 2].Port, string.Create(CultureInfo.InvariantCulture, $"m{i}"))));
        for (var trial = 0; trial < Trials; trial++)
        {
            var room = string.Create(CultureInfo.InvariantCulture, $"silent-{seed}-{trial}");
            foreach (var member in members)
                await member.JoinAsync(room, limit: 0);
            var (owner, after) = (fleet[fleet.OwnerOf(room)!], TimeSpan.FromMilliseconds(random.NextDouble() * 10));

            var answer = members[trial % Members].SendAckedAsync(room, "only", "is anybody there?");
            await Task.Delay(after, TimeProvider.System);
            await Fleet.KillAsync(owner);
            var acked = answer.IsCompleted;

            (await answer).GetProperty("seq").GetInt64().ShouldBe(1);
            foreach (var member in members)
            {
                await member.WaitForSeqAsync(room, 1);
                member.Trace(room).Violations.ShouldBeEmpty();
                member.Trace(room).Events.Count.ShouldBe(1);
            }

            (await fleet.Store.Journal.ReadAsync([room])).Single().Events.Count.ShouldBe(1);
            output.WriteLine($"killed after {after.TotalMilliseconds:F1} ms, {(acked ? "acked before" : "not acked yet")}");
            await fleet.ReviveAsync();
        }

        fleet.Judge();
        fleet.Surprises.ShouldBeEmpty();
        foreach (var member in members)
            await member.DisposeAsync();
    }
}
