using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>
/// A member that gets no CPU for 2 s, again and again, as on a machine with too much to do: that is no reason to throw it out, nor for it to
/// throw out the others.
/// </summary>
[Collection(FaultCollection.Name)]
public sealed class StarvationTests(ITestOutputHelper output)
{
    private const int Rounds = 4;
    private static readonly TimeSpan Starved = TimeSpan.FromSeconds(2);

    // One or two heartbeats each way, so that the next gap is one of its own.
    private static readonly TimeSpan Fed = TimeSpan.FromMilliseconds(800);

    /// <summary>n1 was there first, and so holds the coordinator of the shards; n3 is like all others.</summary>
    [Theory]
    [InlineData("n1")]
    [InlineData("n3")]
    public async Task A_member_without_CPU_for_2_s_again_and_again_stays_and_its_clients_lose_nothing(string starved)
    {
        await using var group = new NodeGroup();
        string[] names = ["n1", "n2", "n3"];
        await group.AddAsync(group.Options(names[0]));
        await Task.WhenAll(names[1..].Select(n => group.AddAsync(group.Options(n))));
        await group.SettleAsync();
        await using var crowd = new Crowd(group, clients: 24, rooms: 12, pace: TimeSpan.FromMilliseconds(100));
        await crowd.StartAsync();
        await crowd.TalkOnAsync(5);
        var view = await NumberAsync(group["n2"]);

        for (var round = 0; round < Rounds; round++)
        {
            group[starved].Freeze();
            await Task.Delay(Starved, TimeProvider.System);
            group[starved].Thaw();
            await Task.Delay(Fed, TimeProvider.System);
            group[starved].IsRunning.ShouldBeTrue(group[starved].Output);
        }

        await crowd.TalkOnAsync(5);
        output.WriteLine($"{crowd.Ledger.Acked} messages, the slowest ack after {crowd.Ledger.TakeSlowest().TotalMilliseconds:F0} ms; {crowd.TakeDelays()}");
        await crowd.StopAndCheckAsync();
        crowd.Clients.ShouldAllBe(c => c.Connections == 1);
        group[starved].Count("stood still for").ShouldBeGreaterThan(0, "it was to notice that it stood still");
        foreach (var name in names)
        {
            group[name].ShouldBeUnharmed();
            group[name].Count(" evicts ").ShouldBe(0, group[name].Output);
            var settled = await group[name].WaitForAsync(
                v => v.GetProperty("nodes").EnumerateArray().All(n => n.GetProperty("state").GetString() == "up"), "all are reachable for " + name);
            settled.Names().ShouldBe(names);
            settled.GetProperty("view").GetInt64().ShouldBe(view, "nobody came or went");
        }
    }

    private static async Task<long> NumberAsync(NodeProcess node) => (await node.ViewAsync()).GetProperty("view").GetInt64();
}
