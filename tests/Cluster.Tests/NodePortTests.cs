using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>The port for nodes, as far as strangers reach it.</summary>
public sealed class NodePortTests
{
    [Fact]
    public async Task Hundreds_of_silent_connections_keep_no_new_node_out()
    {
        // With so much time the silent ones would hold their places longer than a node tries to join.
        await using var group = await NodeGroup.StartAsync(o => o.With("Links:HandshakeTimeout", "00:05:00").With("JoinTimeout", "00:00:30"), "n1");
        var port = IPEndPoint.Parse((await group["n1"].ViewAsync()).Address("n1")).Port;
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < 400; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                silent.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, port);
            }

            await group.AddAsync(group.Options("n2"));
            await group.SettleAsync();
            await using var ann = await ChatClient.ConnectAsync(group["n1"].Port, "ann");
            await using var bob = await ChatClient.ConnectAsync(group["n2"].Port, "bob");
            await ann.JoinAsync("lobby");
            await bob.JoinAsync("lobby");
            await ann.SendAckedAsync("lobby", "m1", "x");
            await bob.WaitForSeqAsync("lobby", 1);

            var metrics = await Scrape.ReadAsync(group["n1"].Address!);
            metrics.Sum("clusterchat_links_turned_away_total", "reason=too_many").ShouldBeGreaterThan(300);
            group["n1"].Count("too many others came").ShouldBe(1, "one line a minute says so");
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
        }
    }
}
