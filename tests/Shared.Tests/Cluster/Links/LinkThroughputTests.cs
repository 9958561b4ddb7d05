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
        const int Count = 100_000;
        await using var a = await LinkNode.StartAsync("a", new LinkOptions { BroadcastBytes = 1L << 32 });
        await using var b = await LinkNode.StartAsync("b");
        a.Links.SetPeers([b.Self]);
        await a.StateAsync("b/1", LinkState.Connected);
        byte[] line = new byte[200];
        using var process = Process.GetCurrentProcess();
        var (cpu, began) = (process.TotalProcessorTime, TimeProvider.System.GetTimestamp());
        for (var seq = 1; seq <= Count; seq++)
        {
            a.Links.Send(b.Self, new FromRoomLink(new EventsCommitted("room", 1, seq, [line])));
            if (seq % 1000 == 0)
                await Task.Yield();
        }

        for (var seq = 1; seq <= Count; seq++)
        {
            ((EventsCommitted)((FromRoomLink)await b.NextAsync()).Message).FirstSeq.ShouldBe(seq);
        }

        process.Refresh();
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        output.WriteLine($"{Count / elapsed.TotalSeconds:F0} messages a second, {(process.TotalProcessorTime - cpu).TotalMicroseconds / Count:F1} us of CPU each");
    }
}
