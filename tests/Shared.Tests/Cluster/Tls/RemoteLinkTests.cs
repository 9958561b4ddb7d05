using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using ClusterChat.Cluster.Tls;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Shared.Tests.Cluster.Tls;

/// <summary>Real actor systems over the links, through loopback: who gets in, and that whoever does not leaves no trace but a line.</summary>
public sealed class RemoteLinkTests
{
    private const int NotLetIn = 1410;
    private const int TurnedAway = 1411;
    private const int Probed = 1414;

    [Fact]
    public async Task Two_nodes_with_the_same_secret_talk_and_the_address_says_that_it_is_tls()
    {
        await using var a = TlsNode.Start();
        await using var b = TlsNode.Start();

        await a.ReachesAsync(b, "from a");
        await b.ReachesAsync(a, "from b");

        a.Address.Protocol.ShouldBe("akka.ssl.tcp");
        a.Log.Of(NotLetIn).ShouldBeEmpty();
        b.Log.Of(TurnedAway).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_actor_on_another_node_is_watched_and_its_end_is_told()
    {
        await using var a = TlsNode.Start();
        await using var b = TlsNode.Start();
        var target = b.System.ActorOf(Props.Create(() => new Silent()), "target");
        var found = await a.System.ActorSelection($"{b.Address}/user/target").ResolveOne(TlsNode.Guard);
        var ended = found.WatchAsync();

        b.System.Stop(target);

        (await ended.WaitAsync(TlsNode.Guard, TimeProvider.System)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_that_knows_another_secret_does_not_get_in_both_say_so_and_both_go_on()
    {
        await using var b = TlsNode.Start();
        await using var friend = TlsNode.Start();

        // It takes b for one of its own, so that the refusal is b's.
        await using var stranger = TlsNode.Start(ClusterTls.FromSecrets("stranger", TimeProvider.System, TlsNode.SecretOf(77), TlsNode.Secret));

        stranger.Send(b, "let me in");

        (await b.Log.FirstAsync(TurnedAway)).ShouldContain("not one of this cluster's (another secret");
        (await stranger.Log.FirstAsync(NotLetIn)).ShouldContain("its log says whether it refused it");
        await friend.ReachesAsync(b, "from a friend");
        stranger.System.WhenTerminated.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_dialler_that_meets_an_impostor_says_so_and_goes_on()
    {
        await using var a = TlsNode.Start();
        await using var friend = TlsNode.Start();
        await using var impostor = TlsNode.Start(ClusterTls.FromSecrets("impostor", TimeProvider.System, TlsNode.SecretOf(77)));

        a.Send(impostor, "a secret");

        (await a.Log.FirstAsync(NotLetIn)).ShouldContain("its certificate is not one of this cluster's");
        await impostor.Log.FirstAsync(TurnedAway);
        await a.ReachesAsync(friend, "still here");
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "it may not use TLS")]
    [InlineData("", "it broke the TLS handshake off")]
    public async Task A_dialler_that_meets_what_is_no_node_says_so_and_goes_on(string answer, string reason)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var a = TlsNode.Start();
        await using var friend = TlsNode.Start();

        a.System.ActorSelection($"akka.ssl.tcp://test@{listener.LocalEndpoint}/user/mailbox").Tell("hello");
        using (var socket = await listener.AcceptSocketAsync())
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(answer));

        (await a.Log.FirstAsync(NotLetIn)).ShouldContain(reason);
        await a.ReachesAsync(friend, "still here");
    }

    [Fact]
    public async Task Plain_text_is_turned_away_and_the_node_goes_on()
    {
        await using var b = TlsNode.Start();
        await using var friend = TlsNode.Start();

        using var client = await DialAsync(b);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: b\r\n\r\n"u8.ToArray());

        (await b.Log.FirstAsync(TurnedAway)).ShouldContain("it may not use TLS");
        await friend.ReachesAsync(b, "from a friend");
    }

    [Fact]
    public async Task Who_dials_and_says_nothing_is_turned_away_in_time()
    {
        await using var b = TlsNode.Start(options: TlsNode.Patient with { HandshakeTimeout = TimeSpan.FromMilliseconds(50) });

        using var client = await DialAsync(b);

        (await b.Log.FirstAsync(TurnedAway)).ShouldContain("took no part in the TLS handshake");
        (await client.ReceiveAsync(new byte[1])).ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_only_looks_whether_somebody_is_there_is_not_worth_a_warning(bool resets)
    {
        await using var b = TlsNode.Start();
        using (var client = await DialAsync(b))
            client.LingerState = new LingerOption(enable: resets, seconds: 0);

        await b.Log.FirstAsync(Probed);

        b.Log.Of(TurnedAway).ShouldBeEmpty();
    }

    [Fact]
    public async Task Beyond_the_limit_of_strangers_the_oldest_is_closed()
    {
        await using var b = TlsNode.Start(options: TlsNode.Patient with { MaxUnproved = 2 });
        using var first = await DialAsync(b);
        using var second = await DialAsync(b);

        using var third = await DialAsync(b);

        (await b.Log.FirstAsync(TurnedAway)).ShouldContain("too many others came");
        await DrainAsync(first);
        b.Meters.Value("clusterchat_links_unproved").ShouldBe(2);
        b.Meters.Value("clusterchat_links_turned_away_total", "reason=too_many").ShouldBe(1);
    }

    [Fact]
    public async Task Hundreds_who_dial_and_say_nothing_keep_no_node_out()
    {
        // They have more time than the test: nobody gets in because theirs is over.
        await using var b = TlsNode.Start();
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < 400; i++)
                silent.Add(await DialAsync(b));
            await using var friend = TlsNode.Start();

            await friend.ReachesAsync(b, "from a friend");

            b.Meters.Value("clusterchat_links_unproved").ShouldBeLessThanOrEqualTo(new RemoteLinkOptions().MaxUnprovedPerAddress);
            b.Log.Of(TurnedAway).ShouldHaveSingleItem();
            friend.Log.Of(NotLetIn).ShouldBeEmpty();
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task The_same_reason_is_logged_once_a_minute()
    {
        await using var b = TlsNode.Start();
        for (var i = 0; i < 3; i++)
        {
            using var client = await DialAsync(b);
            await client.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            await DrainAsync(client);
        }

        b.Log.Of(TurnedAway).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_secret_is_rotated_node_by_node_while_messages_flow()
    {
        var (old, next) = (TlsNode.Secret, TlsNode.SecretOf(101));
        var nodes = new[] { Start(old), Start(old), Start(old) };
        byte[][][] rounds = [[old, next], [next, old], [next]];
        foreach (var round in rounds)
        {
            for (var i = 0; i < nodes.Length; i++)
            {
                await nodes[i].DisposeAsync();
                nodes[i] = Start(round);
                foreach (var other in nodes.Where(n => n != nodes[i]))
                {
                    await nodes[i].ReachesAsync(other, "from the renewed one");
                    await other.ReachesAsync(nodes[i], "to the renewed one");
                }
            }
        }

        foreach (var node in nodes)
        {
            node.Log.All.ShouldAllBe(l => l.Id != NotLetIn && l.Id != TurnedAway);
            await node.DisposeAsync();
        }

        static TlsNode Start(params byte[][] secrets) =>
            TlsNode.Start(ClusterTls.FromSecrets("node", TimeProvider.System, secrets[0], secrets.AsSpan(1)));
    }

    [Fact]
    public async Task Nodes_with_certificates_of_their_own_talk_and_a_renewed_one_is_shown_without_a_restart()
    {
        using var authority = new TestKit.TestCertificates();
        var log = new LogLines();
        var clock = new TestKit.ManualClock();
        var files = authority.Issue("b");
        await using var a = TlsNode.Start(Files("a"));
        await using var b = TlsNode.Start(ClusterTls.FromFiles(files, clock, new Logger<ClusterTls>(new LoggerFactory([log]))));
        await a.ReachesAsync(b, "with the first");

        // The old one is no use any more: a new connection stands on the new one.
        authority.Issue("b");
        clock.Advance(TimeSpan.FromSeconds(2));
        await using var c = TlsNode.Start(Files("c"));
        await c.ReachesAsync(b, "with the second");
        await a.ReachesAsync(b, "on the connection that stands");

        log.Of(1401).Count.ShouldBe(2);

        ClusterTls Files(string node) => ClusterTls.FromFiles(authority.Issue(node), TimeProvider.System, new Logger<ClusterTls>(new LoggerFactory()));
    }

    [Fact]
    public async Task An_expired_certificate_is_turned_away_and_the_reason_has_its_dates()
    {
        using var authority = new TestKit.TestCertificates();
        var loggers = new LoggerFactory();
        await using var b = TlsNode.Start(ClusterTls.FromFiles(authority.Issue("b"), TimeProvider.System, new Logger<ClusterTls>(loggers)));
        await using var late = TlsNode.Start(ClusterTls.FromFilesUnchecked(authority.Issue("late", expired: true), TimeProvider.System, new Logger<ClusterTls>(loggers)));

        late.Send(b, "let me in");

        (await b.Log.FirstAsync(TurnedAway)).ShouldContain("NotTimeValid, valid from");
        await late.Log.FirstAsync(NotLetIn);
    }

    [Fact]
    public void A_node_that_listens_everywhere_has_to_say_where_it_is() =>
        Should.Throw<ArgumentException>(() => TlsNode.Start(options: new RemoteLinkOptions { Listen = new IPEndPoint(IPAddress.Any, 0) }))
            .Message.ShouldContain(nameof(RemoteLinkOptions.PublicHost));

    [Fact]
    public async Task A_node_is_reached_at_its_public_name()
    {
        await using var b = TlsNode.Start(options: TlsNode.Patient with { Listen = new IPEndPoint(IPAddress.Any, 0), PublicHost = "localhost" });
        await using var a = TlsNode.Start();

        await a.ReachesAsync(b, "by name");

        b.Address.Host.ShouldBe("localhost");
    }

    private static async Task<Socket> DialAsync(TlsNode node)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(node.EndPoint);
        return socket;
    }

    private static async Task DrainAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[1024]) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset, since not everything was read there.
        }
    }

    private sealed class Silent : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);
    }
}
