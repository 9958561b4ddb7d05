using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Codec;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>What dials and does not keep to the rules is closed, and the node goes on.</summary>
public sealed class UnrulyPeerTests
{
    private static readonly ClusterNode Stranger = new("stranger", "1", NodeRoles.Gateway, "127.0.0.1:1");

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("CCLK\u007f\u007f")]
    [InlineData("CCLK\0\u0002xx")]
    [InlineData("CCLK\0\0")]
    public async Task Garbage_is_closed(string bytes)
    {
        await using var node = await LinkNode.StartAsync("n", new LinkOptions { PreambleTimeout = TimeSpan.FromHours(1) });
        using var raw = await RawDialler.ConnectAsync(node);
        await raw.SendAsync(System.Text.Encoding.Latin1.GetBytes(bytes));
        await raw.ClosedAsync();
        await WorksAsync(node);
    }

    [Theory]
    [InlineData("")]
    [InlineData("CC")]
    [InlineData("CCLK\0\u0007x")]
    public async Task A_preamble_that_stalls_is_closed(string bytes)
    {
        await using var node = await LinkNode.StartAsync("n", new LinkOptions { PreambleTimeout = TimeSpan.FromMilliseconds(200) });
        using var raw = await RawDialler.ConnectAsync(node);
        try
        {
            await raw.SendAsync(System.Text.Encoding.Latin1.GetBytes(bytes));
        }
        catch (IOException)
        {
            // On a busy machine the time may be over before the bytes are out: it has stalled all the same.
        }

        (await raw.ClosedAsync()).ShouldBeEmpty();
        node.Log.ShouldContain(l => l.Id == 1112 && l.Text.Contains("too long", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_many_that_do_not_prove_themselves_are_closed_at_once()
    {
        var gate = new Gate();
        await using var node = await LinkNode.StartAsync("n", new LinkOptions { MaxUnproved = 2, PreambleTimeout = TimeSpan.FromHours(1), Upgrade = gate.Upgrade });
        using var first = await RawDialler.ConnectAsync(node);
        using var second = await RawDialler.ConnectAsync(node);
        await gate.AcceptedAsync(2);
        using var third = await RawDialler.ConnectAsync(node);
        await third.ClosedAsync();
    }

    [Fact]
    public async Task A_huge_frame_is_closed_before_it_comes()
    {
        await using var node = await LinkNode.StartAsync("n");
        using var raw = await RawDialler.ProveAsync(node, Stranger);
        await raw.SendAsync(0x7F, 0xFF, 0xFF, 0xFF);
        await raw.ClosedAsync();
        await WorksAsync(node);
    }

    [Fact]
    public async Task A_peer_that_dies_within_a_frame_loses_that_frame_alone()
    {
        await using var node = await LinkNode.StartAsync("n");
        using (var raw = await RawDialler.ProveAsync(node, Stranger))
        {
            var frame = Frame(new NotOwnerLink("room", 1, 1));
            await raw.SendAsync([.. frame, .. frame[..^1]]);
            (await node.NextAsync()).ShouldBe(new NotOwnerLink("room", 1, 1));
        }

        await WorksAsync(node);
    }

    [Fact]
    public async Task A_peer_that_connects_anew_takes_the_place_of_its_earlier_connection()
    {
        await using var node = await LinkNode.StartAsync("n");
        using var first = await RawDialler.ProveAsync(node, Stranger);
        await first.SendAsync(Frame(new NotOwnerLink("room", 1, 1)));
        (await node.NextAsync()).ShouldBe(new NotOwnerLink("room", 1, 1));
        using var second = await RawDialler.ProveAsync(node, Stranger);
        await first.ClosedAsync();
        await second.SendAsync(Frame(new NotOwnerLink("room", 2, 1)));
        (await node.NextAsync()).ShouldBe(new NotOwnerLink("room", 2, 1));
    }

    [Fact]
    public async Task Something_that_accepts_and_says_nothing_is_lost()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using var node = await LinkNode.StartAsync("n", new LinkOptions { PreambleTimeout = TimeSpan.FromMilliseconds(100) });
        node.Links.SetPeers([new ClusterNode("silent", "1", NodeRoles.Rooms, silent.LocalEndpoint.ToString()!)]);
        (await node.StateAsync("silent/1", LinkState.Lost)).ShouldBe([LinkState.Lost]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("127.0.0.1:99999")]
    public async Task An_address_that_is_none_is_lost(string address)
    {
        await using var node = await LinkNode.StartAsync("n");
        node.Links.SetPeers([new ClusterNode("x", "1", NodeRoles.Rooms, address)]);
        (await node.StateAsync("x/1", LinkState.Lost)).ShouldBe([LinkState.Lost]);
    }

    private static byte[] Frame(LinkMessage message)
    {
        var writer = new FrameWriter("stranger/1", 1000);
        writer.Add(message);
        writer.EndFrame();
        return writer.Written.ToArray();
    }

    private static async Task WorksAsync(LinkNode node)
    {
        await using var peer = await LinkNode.StartAsync("peer");
        peer.Links.Send(node.Self, new AliveLink(1, 2));
        (await node.NextAsync()).ShouldBe(new AliveLink(1, 2));
    }
}
