using System.Diagnostics;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Tcp;
using Xunit.Abstractions;

namespace ClusterChat.Shared.Tests.Cluster.Links;

public sealed class LinkThroughputTests(ITestOutputHelper output)
{
    /// <summary>A sanity check: everything comes, in order. What it prints is for people.</summary>
    [Fact]
    public async Task A_burst_of_small_events_comes_through()
    {
        const int Count = 200_000;
        await using var a = await LinkNode.StartAsync("a", new LinkOptions { BroadcastBytes = 1L << 32 });
        await using var b = await LinkNode.StartAsync("b");
        a.Links.SetPeers([b.Self]);
        await a.StateAsync("b/1", LinkState.Connected);
        await BurstAsync(a, b, Count / 10);
        using var process = Process.GetCurrentProcess();
        var (cpu, began) = (process.TotalProcessorTime, TimeProvider.System.GetTimestamp());
        await BurstAsync(a, b, Count);
        process.Refresh();
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        output.WriteLine($"{Count / elapsed.TotalSeconds:F0} messages a second, {(process.TotalProcessorTime - cpu).TotalMicroseconds / Count:F1} us of CPU each");
    }

    private static async Task BurstAsync(LinkNode a, LinkNode b, int count)
    {
        byte[] line = new byte[200];
        for (var seq = 1; seq <= count; seq++)
        {
            a.Links.Send(b.Self, new FromRoomLink(new EventsCommitted("room", 1, seq, [line])));
            if (seq % 1000 == 0)
                await Task.Yield();
        }

        using var guard = new CancellationTokenSource(LinkNode.Guard * 3, TimeProvider.System);
        for (var seq = 0; seq < count;)
        {
            (await b.WaitAsync(guard.Token)).ShouldBeTrue();
            while (b.TryNext(out var message))
            {
                if (((EventsCommitted)((FromRoomLink)message).Message).FirstSeq != ++seq)
                    Assert.Fail($"Not in order at {seq}.");
            }
        }
    }
}
