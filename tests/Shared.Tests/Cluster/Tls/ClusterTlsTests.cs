using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ClusterChat.Cluster.Tls;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Shared.Tests.Cluster.Tls;

/// <summary>Who takes whom, without Akka.</summary>
public sealed class ClusterTlsTests : IDisposable
{
    private static readonly byte[] Old = TlsNode.SecretOf(1);
    private static readonly byte[] New = TlsNode.SecretOf(101);

    private readonly TestCertificates _authority = new();
    private readonly TestCertificates _foreign = new("somebody else");
    private readonly ManualClock _clock = new();
    private readonly LogLines _log = new();

    [Fact]
    public void Each_node_derives_the_same_authority_from_a_secret_and_another_from_another()
    {
        using var one = new SecretAuthority(Old);
        using var same = new SecretAuthority(Old);
        using var other = new SecretAuthority(New);

        same.Certificate.PublicKey.ExportSubjectPublicKeyInfo().ShouldBe(one.Certificate.PublicKey.ExportSubjectPublicKeyInfo());
        same.Certificate.Subject.ShouldBe(one.Certificate.Subject);
        other.Certificate.PublicKey.ExportSubjectPublicKeyInfo().ShouldNotBe(one.Certificate.PublicKey.ExportSubjectPublicKeyInfo());
        other.Certificate.Subject.ShouldNotBe(one.Certificate.Subject);
    }

    [Fact]
    public void The_derived_authority_is_the_same_in_every_version()
    {
        using var authority = new SecretAuthority(Old);

        // Nodes of two versions meet in a rolling update. A new way to derive needs a new label, and a round in which both count.
        authority.Certificate.Subject.ShouldBe("CN=ClusterChat secret 69ead4b3");
    }

    [Fact]
    public void A_short_secret_is_refused() => Should.Throw<ArgumentOutOfRangeException>(() => ClusterTls.FromSecrets("a", _clock, new byte[31]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_each_round_of_a_rotation_nodes_take_each_other(bool newerDials)
    {
        var rounds = new[] { Secrets(Old), Secrets(Old, New), Secrets(New, Old), Secrets(New) };
        for (var i = 1; i < rounds.Length; i++)
        {
            var (dialler, accepter) = newerDials ? (rounds[i], rounds[i - 1]) : (rounds[i - 1], rounds[i]);
            (await MeetAsync(dialler, accepter)).ShouldBe((null, null), $"round {i}");
        }

        (await MeetAsync(rounds[0], rounds[2])).Dialler.ShouldBe(ClusterTlsFault.Certificate, "a round was left out");
    }

    [Fact]
    public async Task Another_secret_is_refused()
    {
        (await MeetAsync(Secrets(New), Secrets(Old))).Dialler.ShouldBe(ClusterTlsFault.Certificate);
        (await MeetAsync(Secrets(New, Old), Secrets(Old))).ShouldBe((ClusterTlsFault.BrokenOff, ClusterTlsFault.Certificate));
    }

    [Fact]
    public async Task A_node_signs_itself_a_new_certificate_each_day_and_its_clock_may_be_a_day_off()
    {
        var ahead = new ManualClock(ManualClock.DefaultStart + TimeSpan.FromHours(23));
        var (a, b) = (Secrets(Old), ClusterTls.FromSecrets("b", ahead, Old));
        (await MeetAsync(b, a)).ShouldBe((null, null));
        (await MeetAsync(a, b)).ShouldBe((null, null));
        var first = await ShownByAsync(a);

        _clock.Advance(TimeSpan.FromHours(1));
        (await ShownByAsync(a)).SerialNumber.ShouldBe(first.SerialNumber);
        _clock.Advance(TimeSpan.FromHours(23));
        (await ShownByAsync(a)).SerialNumber.ShouldNotBe(first.SerialNumber);
        _clock.Advance(TimeSpan.FromDays(400));
        ahead.Advance(TimeSpan.FromDays(401));
        (await MeetAsync(a, b)).ShouldBe((null, null));
    }

    [Fact]
    public void A_certificate_that_was_copied_is_of_no_use_after_a_week()
    {
        using var identities = new SecretIdentities("node", _clock, Old, []);
        var copied = identities.Current();

        copied.Check(_clock.GetUtcNow() + TimeSpan.FromDays(6)).ShouldBeNull();
        copied.Check(_clock.GetUtcNow() + TimeSpan.FromDays(8)).ShouldNotBeNull().ShouldContain("NotTimeValid");
    }

    [Fact]
    public async Task Certificates_of_ones_own_are_taken_if_the_authority_signed_them_and_they_are_in_time()
    {
        var b = Files(_authority.Issue("b"));

        (await MeetAsync(Files(_authority.Issue("a")), b)).ShouldBe((null, null));
        (await MeetAsync(Unchecked(_foreign.Issue("f") with { Authority = _authority.AuthorityFile }), b))
            .ShouldBe((ClusterTlsFault.BrokenOff, ClusterTlsFault.Certificate));
        (await MeetAsync(Unchecked(_authority.Issue("late", expired: true)), b)).ShouldBe((ClusterTlsFault.BrokenOff, ClusterTlsFault.Certificate));
        (await MeetAsync(Files(_authority.Issue("a")), Secrets(Old))).Dialler.ShouldBe(ClusterTlsFault.Certificate);
    }

    [Fact]
    public async Task An_authority_is_replaced_by_a_file_that_holds_the_old_one_and_the_new_one()
    {
        var (a, b) = (_authority.Issue("a"), _authority.Issue("b"));
        var (nodeA, nodeB) = (Files(a), Files(b));
        await File.WriteAllTextAsync(_authority.AuthorityFile, _authority.Pem + _foreign.Pem);
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await MeetAsync(nodeA, nodeB)).ShouldBe((null, null));

        Copy(_foreign.Issue("b"), b);
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await MeetAsync(nodeA, nodeB)).ShouldBe((null, null));
        (await ShownByAsync(nodeB)).Issuer.ShouldBe("CN=somebody else");

        static void Copy(ClusterTlsFiles from, ClusterTlsFiles to)
        {
            File.Copy(from.Certificate, to.Certificate, overwrite: true);
            File.Copy(from.Key, to.Key, overwrite: true);
        }
    }

    [Fact]
    public async Task A_renewed_certificate_counts_from_the_next_connection_on()
    {
        var tls = Files(_authority.Issue("b"));
        var before = (await ShownByAsync(tls)).SerialNumber;
        _authority.Issue("b");

        (await ShownByAsync(tls)).SerialNumber.ShouldBe(before, "it has just looked");
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await ShownByAsync(tls)).SerialNumber.ShouldNotBe(before);
    }

    [Fact]
    public async Task Files_that_are_of_no_use_leave_the_earlier_ones_in_force_and_are_logged_once()
    {
        var files = _authority.Issue("b");
        var tls = Files(files);
        var before = (await ShownByAsync(tls)).SerialNumber;
        var key = await File.ReadAllTextAsync(files.Key);
        _authority.Issue("b");
        await File.WriteAllTextAsync(files.Key, key);
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            (await ShownByAsync(tls)).SerialNumber.ShouldBe(before);
        }

        _log.Of(1402).ShouldHaveSingleItem().ShouldContain(files.Key);
        File.Delete(files.Key);
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await ShownByAsync(tls)).SerialNumber.ShouldBe(before);
        _authority.Issue("b");
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await ShownByAsync(tls)).SerialNumber.ShouldNotBe(before);
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

        string Why(ClusterTlsFiles files) => Should.Throw<ClusterTlsException>(() => Files(files)).Message;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _foreign.Dispose();
    }

    private ClusterTls Secrets(byte[] primary, params byte[][] accepted) => ClusterTls.FromSecrets("node", _clock, primary, accepted);

    private ClusterTls Files(ClusterTlsFiles files) => ClusterTls.FromFiles(files, _clock, new Logger<ClusterTls>(new LoggerFactory([_log])));

    /// <summary>Without the check at the start: as a certificate that ran out later, or that the others have ceased to trust.</summary>
    private ClusterTls Unchecked(ClusterTlsFiles files) => ClusterTls.FromFilesUnchecked(files, _clock, new Logger<ClusterTls>(new LoggerFactory([_log])));

    /// <summary>What each side says of the other; null where it is taken.</summary>
    private static async Task<(ClusterTlsFault? Dialler, ClusterTlsFault? Accepter)> MeetAsync(ClusterTls dialler, ClusterTls accepter)
    {
        var (client, server) = await ConnectAsync();
        var (dialling, accepting) = (FaultAsync(dialler, client, server: false), FaultAsync(accepter, server, server: true));
        return (await dialling, await accepting);

        static async Task<ClusterTlsFault?> FaultAsync(ClusterTls tls, Socket socket, bool server)
        {
            try
            {
                await using var secured = await Streams(tls).HandshakeAsync(socket, server, CancellationToken.None);
                return null;
            }
            catch (ClusterTlsException e)
            {
                return e.Fault;
            }
        }
    }

    private static async Task<X509Certificate2> ShownByAsync(ClusterTls tls)
    {
        var (client, server) = await ConnectAsync();
        var accepting = tls.SecureAsync(new NetworkStream(server, ownsSocket: true), server: true, CancellationToken.None);
        await using var secured = new SslStream(new NetworkStream(client, ownsSocket: true), false, (_, shown, _, _) => shown is not null);
        await secured.AuthenticateAsClientAsync("any");
        var shown = X509CertificateLoader.LoadCertificate(secured.RemoteCertificate!.GetRawCertData());
        try
        {
            await using var accepted = await accepting;
        }
        catch (ClusterTlsException)
        {
            // It sees no certificate.
        }

        return shown;
    }

    private static LinkStreams Streams(ClusterTls tls) => new(new RemoteLinkSetup(TlsNode.Patient, tls, TimeProvider.System, new LogLines()));

    private static async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndpoint);
        return (client, await listener.AcceptSocketAsync());
    }
}
