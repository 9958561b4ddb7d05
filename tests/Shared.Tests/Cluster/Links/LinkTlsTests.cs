using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Tcp;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>Mutual TLS on links, over real sockets.</summary>
public sealed class LinkTlsTests : IDisposable
{
    private const int NotReached = 1104;
    private const int TurnedAway = 1112;

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _foreign = new("somebody else");
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Messages_go_through_in_both_directions_and_none_of_it_can_be_read_on_the_way()
    {
        await using var b = await StartAsync("b", _authority.Issue("b"));
        await using var relay = new Relay(IPEndPoint.Parse(b.Self.Address));
        await using var a = await StartAsync("a", _authority.Issue("a"));
        var seen = b.Self with { Address = relay.Address };
        a.Links.SetPeers([seen]);
        await a.StateAsync("b/1", LinkState.Connected);
        await b.StateAsync("a/1", LinkState.Connected);

        a.Links.Send(seen, new FromRoomLink(new EventsCommitted("room", 1, 1, ["shibboleth"u8.ToArray()]))).ShouldBeTrue();
        b.Links.Send(a.Self, new AliveLink(3, 4)).ShouldBeTrue();

        (await b.NextAsync()).ShouldBeOfType<FromRoomLink>();
        (await a.NextAsync()).ShouldBe(new AliveLink(3, 4));
        relay.Seen.Length.ShouldBeGreaterThan(1000);
        relay.Seen.AsSpan().IndexOf("shibboleth"u8).ShouldBe(-1);
        relay.Seen.AsSpan().IndexOf("CCLK"u8).ShouldBe(-1);
    }

    [Fact]
    public async Task A_large_message_goes_through()
    {
        await using var b = await StartAsync("b", _authority.Issue("b"));
        await using var a = await StartAsync("a", _authority.Issue("a"));
        var line = new byte[6_000_000];
        Random.Shared.NextBytes(line);

        a.Links.Send(b.Self, new FromRoomLink(new EventsCommitted("room", 1, 1, [line]))).ShouldBeTrue();

        var message = (await b.NextAsync()).ShouldBeOfType<FromRoomLink>().Message.ShouldBeOfType<EventsCommitted>();
        message.Lines.ShouldHaveSingleItem().Span.SequenceEqual(line).ShouldBeTrue();
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_by_who_accepts_and_both_say_so()
    {
        await using var b = await StartAsync("b", _authority.Issue("b"));

        // It trusts b, and has nothing that b trusts.
        await using var a = await StartUnheardAsync("a", Options(_foreign.Issue("a") with { Authority = _authority.Issue("x").Authority }));

        await ShouldNotGetInAsync(a, b, dialler: "its log says whether it refused", accepter: "not one of this cluster's: CN=a");
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_by_who_dials_and_both_say_so()
    {
        // It takes everybody whom the cluster's authority has signed, and has nothing of it to show.
        await using var b = await StartUnheardAsync("b", Options(_foreign.Issue("b") with { Authority = _authority.Issue("x").Authority }));
        await using var a = await StartAsync("a", _authority.Issue("a"));

        await ShouldNotGetInAsync(a, b, dialler: "not one of this cluster's: CN=b", accepter: "its log says whether it refused");
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_and_the_reason_has_its_dates()
    {
        await using var b = await StartAsync("b", _authority.Issue("b"));
        await using var a = await StartUnheardAsync("a", Options(_authority.Issue("a", expired: true)));

        await ShouldNotGetInAsync(a, b, dialler: "its log says whether it refused", accepter: "NotTimeValid, valid from");
    }

    [Fact]
    public async Task Who_shows_no_certificate_is_refused_and_both_say_so()
    {
        await using var b = await StartAsync("b", _authority.Issue("b"));
        await using var a = await LinkNode.StartAsync("a", new LinkOptions { Upgrade = WithoutCertificateAsync });

        await ShouldNotGetInAsync(a, b, dialler: "its log says whether it refused", accepter: "it shows no certificate");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_with_tls_and_one_without_do_not_meet_and_say_why(bool diallerHasTls)
    {
        await using var b = await StartAsync("b", diallerHasTls ? null : _authority.Issue("b"));
        await using var a = await StartAsync("a", diallerHasTls ? _authority.Issue("a") : null);

        await ShouldNotGetInAsync(
            a, b,
            dialler: diallerHasTls ? "it may not use TLS" : "it closed the connection",
            accepter: diallerHasTls ? "it does not speak this protocol" : "it may not use TLS");
    }

    [Fact]
    public async Task A_certificate_alone_does_not_do_the_secret_is_still_asked_for()
    {
        await using var b = await StartAsync("b", _authority.Issue("b"));
        await using var a = await LinkNode.StartAsync("a", Options(_authority.Issue("a")), secret: new byte[32]);

        await ShouldNotGetInAsync(a, b, dialler: "another cluster secret", accepter: "another cluster secret");
    }

    [Fact]
    public async Task A_renewed_certificate_counts_from_the_next_connection_on()
    {
        var tls = LinkTls.Load(_authority.Issue("b"), _clock, NullLogger<LinkTls>.Instance);
        var before = await ShownByAsync(tls);
        _authority.Issue("b");

        (await ShownByAsync(tls)).ShouldBe(before, "it has just looked");
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await ShownByAsync(tls)).ShouldNotBe(before);
    }

    [Fact]
    public async Task Files_that_are_of_no_use_leave_the_earlier_ones_in_force_and_are_logged_once()
    {
        var files = _authority.Issue("b");
        var log = new LogLines();
        var tls = LinkTls.Load(files, _clock, log);
        var before = await ShownByAsync(tls);
        var key = await File.ReadAllTextAsync(files.Key);
        _authority.Issue("b");
        await File.WriteAllTextAsync(files.Key, key);
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            (await ShownByAsync(tls)).ShouldBe(before);
        }

        log.Lines.Count(l => l.Contains("cannot be used", StringComparison.Ordinal)).ShouldBe(1);
        log.Lines[^1].ShouldContain(files.Key);
        File.Delete(files.Key);
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await ShownByAsync(tls)).ShouldBe(before);
        _authority.Issue("b");
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await ShownByAsync(tls)).ShouldNotBe(before);
    }

    [Fact]
    public void Files_that_are_of_no_use_are_refused_at_the_start()
    {
        var (good, foreign, expired) = (_authority.Issue("a"), _foreign.Issue("f"), _authority.Issue("e", expired: true));

        Why(good with { Key = "/no/such/key" }).ShouldContain("/no/such/key");
        Why(good with { Key = foreign.Key }).ShouldContain(foreign.Key);
        Why(good with { Certificate = good.Key }).ShouldContain("no certificate in " + good.Key);
        Why(good with { Authority = foreign.Authority }).ShouldContain("would be refused");
        Why(expired).ShouldContain("NotTimeValid");

        static string Why(LinkTlsFiles files)
            => Should.Throw<LinkTlsException>(() => LinkTls.Load(files, TimeProvider.System, NullLogger<LinkTls>.Instance)).Message;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _foreign.Dispose();
    }

    private static async Task ShouldNotGetInAsync(LinkNode a, LinkNode b, string dialler, string accepter)
    {
        a.Links.Send(b.Self, new AliveLink(1, 2)).ShouldBeTrue();

        (await a.LoggedAsync(NotReached)).ShouldContain(dialler);
        (await b.LoggedAsync(TurnedAway)).ShouldContain(accepter);
        b.HasMail.ShouldBeFalse();
    }

    private static LinkOptions Options(LinkTlsFiles files) => new() { Upgrade = Unchecked(files) };

    private static Task<LinkNode> StartUnheardAsync(string name, LinkOptions options) => LinkNode.StartAsync(name, options);

    private static Task<LinkNode> StartAsync(string name, LinkTlsFiles? files)
        => LinkNode.StartAsync(name, files is null ? null : new LinkOptions { Upgrade = LinkTls.Load(files, TimeProvider.System, NullLogger<LinkTls>.Instance).UpgradeAsync });

    /// <summary>Without the check at the start: as a certificate that ran out later, or that the others have ceased to trust.</summary>
    private static LinkStreamUpgrade Unchecked(LinkTlsFiles files)
        => LinkTls.LoadUnchecked(files, TimeProvider.System, NullLogger<LinkTls>.Instance).UpgradeAsync;

    private static async ValueTask<Stream> WithoutCertificateAsync(Stream stream, bool server, CancellationToken cancellationToken)
    {
        var secured = new SslStream(stream);
        await secured.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "b", RemoteCertificateValidationCallback = (_, c, _, _) => c is not null }, cancellationToken);
        return secured;
    }

    /// <summary>The serial number of the certificate that is shown to who dials.</summary>
    private async Task<string> ShownByAsync(LinkTls tls)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await listener.AcceptTcpClientAsync();
        var dialler = LinkTls.Load(_authority.Issue("dialler"), TimeProvider.System, NullLogger<LinkTls>.Instance);
        var accept = tls.UpgradeAsync(server.GetStream(), server: true, CancellationToken.None).AsTask();
        await using var secured = (SslStream)await dialler.UpgradeAsync(client.GetStream(), server: false, CancellationToken.None);
        await using var accepted = await accept;
        return secured.RemoteCertificate!.GetSerialNumberString();
    }

    private sealed class LogLines : ILogger<LinkTls>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Add(formatter(state, exception));
    }
}
