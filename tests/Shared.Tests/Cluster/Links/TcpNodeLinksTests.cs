using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>Nodes that keep to the rules.</summary>
public sealed class TcpNodeLinksTests
{
    [Fact]
    public async Task Messages_go_both_ways_in_order()
    {
        await using var a = await LinkNode.StartAsync("a");
        await using var b = await LinkNode.StartAsync("b");
        a.Links.SetPeers([a.Self, b.Self]);
        b.Links.SetPeers([a.Self, b.Self]);
        await a.StateAsync("b/1", LinkState.Connected);
        await b.StateAsync("a/1", LinkState.Connected);
        for (var i = 0; i < 5000; i++)
        {
            a.Links.Send(b.Self, new NotOwnerLink("room", i, 1)).ShouldBeTrue();
            b.Links.Send(a.Self, new NotOwnerLink("room", i, 2)).ShouldBeTrue();
        }

        for (var i = 0; i < 5000; i++)
        {
            (await b.NextAsync()).ShouldBe(new NotOwnerLink("room", i, 1));
            (await a.NextAsync()).ShouldBe(new NotOwnerLink("room", i, 2));
        }
    }

    [Fact]
    public async Task A_send_dials_and_the_gateway_is_the_sender()
    {
        await using var a = await LinkNode.StartAsync("a");
        await using var b = await LinkNode.StartAsync("b");
        var message = new ToRoomLink(3, new Typing("room", a.Self.Id, 1, "ann"));
        a.Links.Send(b.Self, message).ShouldBeTrue();
        (await b.NextAsync()).ShouldBe(message);
    }

    [Fact]
    public async Task A_node_that_is_dialled_dials_back_so_that_one_that_joins_knows_that_it_is_reached()
    {
        await using var member = await LinkNode.StartAsync("member");
        await using var joiner = await LinkNode.StartAsync("joiner");
        joiner.Links.SetPeers([member.Self]);
        (await joiner.StateAsync("member/1", LinkState.Connected)).ShouldBe([LinkState.Connected]);
        (await member.StateAsync("joiner/1", LinkState.Connected)).ShouldBe([LinkState.Connected]);
    }

    [Fact]
    public async Task A_node_that_nobody_can_dial_back_is_not_connected()
    {
        await using var gone = await LinkNode.StartAsync("gone");
        await gone.DisposeAsync();
        await using var member = await LinkNode.StartAsync("member");
        await using var joiner = await LinkNode.StartAsync("joiner", address: gone.Self.Address);
        joiner.Links.SetPeers([member.Self]);
        await member.StateAsync("joiner/1", LinkState.Refused);
        joiner.Changes.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Two_nodes_that_want_each_other_no_more_let_go_of_both_connections()
    {
        await using var a = await LinkNode.StartAsync("a");
        await using var b = await LinkNode.StartAsync("b");
        a.Links.SetPeers([b.Self]);
        b.Links.SetPeers([a.Self]);
        await a.StateAsync("b/1", LinkState.Connected);
        await b.StateAsync("a/1", LinkState.Connected);

        // b still wants a: it comes again, and a dials it back.
        a.Links.SetPeers([]);
        await b.StateAsync("a/1", LinkState.Lost);
        await b.StateAsync("a/1", LinkState.Connected);
        await a.StateAsync("b/1", LinkState.Connected);

        b.Links.SetPeers([]);
        await a.StateAsync("b/1", LinkState.Lost);
        using var guard = new CancellationTokenSource(LinkNode.Guard, TimeProvider.System);
        while (a.Links.PeerCount + b.Links.PeerCount > 0)
        {
            guard.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_dial_where_nobody_listens_is_refused_at_once()
    {
        await using var gone = await LinkNode.StartAsync("gone");
        await gone.DisposeAsync();
        await using var a = await LinkNode.StartAsync("a", new LinkOptions { ConnectTimeout = TimeSpan.FromHours(1) });
        a.Links.SetPeers([gone.Self]);
        (await a.StateAsync("gone/1", LinkState.Refused)).ShouldBe([LinkState.Refused]);
    }

    [Fact]
    public async Task A_stale_incarnation_is_refused()
    {
        await using var a = await LinkNode.StartAsync("a");
        await using var b = await LinkNode.StartAsync("b", incarnation: "new");
        a.Links.SetPeers([b.Self with { Incarnation = "old" }]);
        (await a.StateAsync("b/old", LinkState.Refused)).ShouldBe([LinkState.Refused]);
        b.HasMail.ShouldBeFalse();
    }

    [Fact]
    public async Task A_peer_that_restarts_is_lost_then_refused_and_its_new_incarnation_connects()
    {
        await using var a = await LinkNode.StartAsync("a");
        await using var first = await LinkNode.StartAsync("b");
        a.Links.SetPeers([first.Self]);
        await a.StateAsync("b/1", LinkState.Connected);
        await using var second = await first.RestartAsync("2");
        (await a.StateAsync("b/1", LinkState.Refused)).ShouldBe([LinkState.Lost, LinkState.Refused]);
        a.Links.SetPeers([second.Self]);
        await a.StateAsync("b/2", LinkState.Connected);
        a.Links.Send(second.Self, new AliveLink(1, 2)).ShouldBeTrue();
        (await second.NextAsync()).ShouldBe(new AliveLink(1, 2));
    }

    [Fact]
    public async Task What_waits_when_a_node_stops_is_written_first()
    {
        await using var b = await LinkNode.StartAsync("b");
        await using var a = await LinkNode.StartAsync("a", new LinkOptions { DrainTimeout = TimeSpan.FromSeconds(20) });
        a.Links.SetPeers([b.Self]);
        await a.StateAsync("b/1", LinkState.Connected);
        for (var i = 0; i < 5000; i++)
        {
            a.Links.Send(b.Self, new NotOwnerLink("room", i, 1));
        }

        await a.Links.StopAsync();
        a.Links.Send(b.Self, new NotOwnerLink("room", 0, 1)).ShouldBeFalse();
        for (var i = 0; i < 5000; i++)
        {
            (await b.NextAsync()).ShouldBe(new NotOwnerLink("room", i, 1));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_with_another_secret_or_of_another_cluster_is_lost_and_logged_once(bool secret)
    {
        var gate = new Gate();
        await using var b = await LinkNode.StartAsync("b", new LinkOptions { Upgrade = gate.Upgrade });
        await using var a = await LinkNode.StartAsync(
            "a",
            new LinkOptions { ClusterName = secret ? "clusterchat" : "other", MaxBackoff = TimeSpan.FromMilliseconds(20) },
            secret ? new byte[32] : null);
        a.Links.Send(b.Self, new AliveLink(1, 2)).ShouldBeTrue();
        await a.StateAsync("b/1", LinkState.Lost);
        await gate.AcceptedAsync(4);
        a.Changes.TryRead(out _).ShouldBeFalse();
        b.HasMail.ShouldBeFalse();
        a.Log.Where(l => l.Id is 1103 or 1104).ShouldHaveSingleItem().Text.ShouldContain(secret ? "secret" : "name");
        b.Log.Where(l => l.Id is 1112).ShouldHaveSingleItem().Text.ShouldContain(secret ? "secret" : "name");
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_is_lost_after_the_time_for_writes()
    {
        var gate = new Gate();
        await using var b = await LinkNode.StartAsync("b", new LinkOptions { Upgrade = gate.Upgrade });
        await using var a = await LinkNode.StartAsync("a", new LinkOptions { WriteTimeout = TimeSpan.FromMilliseconds(300) });
        a.Links.SetPeers([b.Self]);
        await a.StateAsync("b/1", LinkState.Connected);
        gate.Freeze();
        for (var i = 0; i < 3; i++)
        {
            a.Links.Send(b.Self, new FromRoomLink(new EventsCommitted("room", 1, 1, [new byte[7_000_000]])));
        }

        await a.StateAsync("b/1", LinkState.Lost);
        gate.Thaw();
        await a.StateAsync("b/1", LinkState.Connected);
    }

    [Fact]
    public async Task A_frozen_peer_slows_nobody_holds_bounded_memory_and_its_streams_begin_anew()
    {
        var gate = new Gate();
        var limits = new LinkOptions
        {
            RequestBytes = 50_000,
            BroadcastBytes = 500_000,
            AnswerBytes = 1_000_000,
            WriteTimeout = TimeSpan.FromMinutes(1),
        };
        await using var owner = await LinkNode.StartAsync("owner", limits);
        await using var frozen = await LinkNode.StartAsync("frozen", new LinkOptions { Upgrade = gate.Upgrade });
        await using var other = await LinkNode.StartAsync("other");
        owner.Links.SetPeers([frozen.Self, other.Self]);
        await owner.StateAsync("frozen/1", LinkState.Connected);
        gate.Freeze();

        // 20 MB are past what the sockets hold, so from then on nothing but the queue takes anything.
        long last = 0;
        byte[] line = new byte[10_000];
        while (owner.Links.Send(frozen.Self, new ToRoomLink(1, new Typing("room", "owner/1", 1, new string('x', 500)))) || last < 2000)
        {
            owner.Links.Send(frozen.Self, new FromRoomLink(new EventsCommitted("room", 7, ++last, [line]))).ShouldBeTrue();
            await Task.Yield();
        }

        for (var i = 0; i < 1000; i++)
        {
            owner.Links.Send(frozen.Self, new FromRoomLink(new EventsCommitted("room", 7, ++last, [line]))).ShouldBeTrue();
            owner.Links.Send(other.Self, new NotOwnerLink("room", i, 1)).ShouldBeTrue();
        }

        owner.Links.QueuedBytes.ShouldBeLessThan(limits.RequestBytes + limits.AnswerBytes + 400_000);
        for (var i = 0; i < 1000; i++)
        {
            (await other.NextAsync()).ShouldBe(new NotOwnerLink("room", i, 1));
        }

        gate.Thaw();
        var (seen, ended) = (0L, false);
        while (!(seen < last && ended && owner.Links.QueuedBytes == 0 && !frozen.HasMail))
        {
            var message = ((await frozen.NextAsync()) as FromRoomLink)?.Message;
            if (message is EventsCommitted events)
            {
                (events.FirstSeq == seen + 1 || ended).ShouldBeTrue($"{events.FirstSeq} after {seen}");
                (seen, ended) = (events.FirstSeq, false);
            }

            ended |= message is StreamEnded { Room: "room", Stream: 7 };
        }

        owner.Links.Send(frozen.Self, new NotOwnerLink("the last", 1, 1)).ShouldBeTrue();
        owner.Links.Send(frozen.Self, new ToRoomLink(1, new Typing("room", "owner/1", 1, "x"))).ShouldBeTrue();
        while (await frozen.NextAsync() is not NotOwnerLink)
        {
        }
    }
}
