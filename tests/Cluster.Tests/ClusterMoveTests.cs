using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>Rooms that move while their owners live: what clients notice of it.</summary>
public sealed class ClusterMoveTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(400);

    [Theory]
    [InlineData("room-")]
    [InlineData("mem-")]
    public async Task A_rolling_restart_and_one_more_node_are_hardly_noticed(string prefix)
    {
        await using var group = await NodeGroup.StartAsync(o => o.With("Rooms:Memory:0", "mem-*"), "n1", "n2", "n3");
        await using var crowd = new Crowd(group, clients: 60, rooms: 12, Pace, prefix);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(5);
        crowd.TakeDelays();
        await crowd.TalkOnAsync(10);
        output.WriteLine("in peace: " + crowd.TakeDelays());
        foreach (var name in new[] { "n1", "n2", "n3" })
        {
            (await group.TerminateAsync(name)).ShouldBe(0, group[name].Output);
            await crowd.TalkOnAsync(3);
            output.WriteLine($"{name} leaves: " + crowd.TakeDelays());
            await group.RestartAsync(name);
            await group.SettleAsync();
            await crowd.TalkOnAsync(3);
            output.WriteLine($"{name} comes: " + crowd.TakeDelays());
        }

        await group.AddAsync(group.Options("n4"));
        await group.SettleAsync();
        await crowd.TalkOnAsync(3);
        output.WriteLine("n4 comes: " + crowd.TakeDelays());
        await crowd.StopAndCheckAsync();
    }
}
