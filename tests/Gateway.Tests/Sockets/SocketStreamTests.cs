using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Sockets;
using ClusterChat.Gateway.Tests.WebSockets;
using ClusterChat.Gateway.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Tests.Sockets;

/// <summary>WebSockets on sockets taken from the server, and on those that TLS keeps there: never a torn frame.</summary>
public sealed class SocketStreamTests : IAsyncLifetime
{
    private const int Lines = 400;
    private static readonly string Long = new('x', 20_000);
    private readonly TaskCompletionSource<bool> _isDirect = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly X509Certificate2 _certificate = Certificate();
    private readonly WebApplication _app;

    public SocketStreamTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TestSockets.Unlimited());
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate));
        });
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    public Task InitializeAsync() => _app.StartAsync();

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    [Theory]
    [InlineData("/answer", false, true)]
    [InlineData("/greet", false, true)]
    [InlineData("/answer", true, false)]
    public async Task A_client_that_reads_late_gets_every_byte_in_order(string path, bool tls, bool direct)
    {
        using var client = await ConnectAsync(path, tls);
        await SendAsync(client, "go");

        // More than the socket's buffers hold: some writes are taken in part, or not at all, until the client reads.
        (await _isDirect.Task.InTime()).ShouldBe(direct);
        for (var i = 0; i < Lines; i++)
        {
            (await WebSocketTransportTests.ReceiveAsync(client).InTime()).ShouldBe($"{i} {Long}");
        }

        await SendAsync(client, "again");
        (await WebSocketTransportTests.ReceiveAsync(client).InTime()).ShouldBe("heard again");
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None).InTime();
        client.State.ShouldBe(WebSocketState.Closed);
    }

    [Fact]
    public async Task A_write_that_waits_fails_when_the_connection_is_cut()
    {
        using var client = await ConnectAsync("/stuck", tls: false);
        await SendAsync(client, "go");

        (await _isDirect.Task.InTime()).ShouldBeTrue();
        await _failed.Task.InTime();
    }

    [Fact]
    public async Task A_client_that_goes_away_fails_the_write_and_nothing_else()
    {
        using (var client = await ConnectAsync("/answer", tls: false))
        {
            await SendAsync(client, "go");
            (await _isDirect.Task.InTime()).ShouldBeTrue();
            client.Abort();
        }

        await _failed.Task.InTime();
        using var next = await ConnectAsync("/greet", tls: false);
        await SendAsync(next, "go");
        (await WebSocketTransportTests.ReceiveAsync(next).InTime()).ShouldBe($"0 {Long}");
    }

    private async Task ServeAsync(HttpContext context)
    {
        var wire = (await WebSocketHandshake.AcceptAsync(context))!;
        var served = ServeAsync(wire, context.Request.Path);
        if (!wire.OutlivesRequest)
        {
            await served;
        }
    }

    private async Task ServeAsync(WebSocketWire wire, string path)
    {
        var transport = new WebSocketTransport(wire.Stream, wire.Abort, WebSocketLimits.Default);
        try
        {
            if (path == "/greet")
            {
                await GreetAsync(transport, wire);
            }

            var inbound = new Script(text => text == "go" ? GreetAsync(transport, wire, path) : transport.SendAsync(["heard again"u8.ToArray()]));
            await WebSocketReadLoop.RunAsync(wire.Stream, transport, inbound, WebSocketLimits.Default, UnfinishedInput.Unlimited(TimeProvider.System), wire.Aborted);
        }
        catch (IOException)
        {
            _failed.TrySetResult();
        }
        finally
        {
            if (wire.OutlivesRequest)
            {
                await wire.Stream.DisposeAsync();
            }
        }
    }

    private async ValueTask GreetAsync(WebSocketTransport transport, WebSocketWire wire, string path = "")
    {
        if (path == "/greet")
        {
            return;
        }

        for (var i = 0; i < Lines; i++)
        {
            var write = transport.SendAsync([Encoding.UTF8.GetBytes($"{i} {Long}")]);
            if (!write.IsCompleted)
            {
                // The socket is full: only now does the test begin to read, or the connection end.
                _isDirect.TrySetResult(wire.OutlivesRequest);
                if (path == "/stuck")
                {
                    transport.Abort();
                }
            }

            await write;
        }

        _isDirect.TrySetResult(wire.OutlivesRequest);
    }

    private async Task<ClientWebSocket> ConnectAsync(string path, bool tls)
    {
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var address = new UriBuilder(addresses.ElementAt(tls ? 1 : 0)) { Scheme = tls ? "wss" : "ws", Path = path }.Uri;
        var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, certificate, _, errors)
            => errors == SslPolicyErrors.None || certificate?.GetCertHashString() == _certificate.GetCertHashString();
        await client.ConnectAsync(address, CancellationToken.None).InTime();
        return client;
    }

    private static Task SendAsync(ClientWebSocket client, string text)
        => client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    private sealed class Script(Func<string, ValueTask> receive) : Gateway.Connections.IClientInbound
    {
        public async ValueTask ReceiveAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages)
        {
            foreach (var message in messages)
            {
                await receive(Encoding.UTF8.GetString(message.Span));
            }
        }

        public void Answered(int ping)
        {
        }

        public bool Idled(int frames) => true;

        public void Touch()
        {
        }

        public void Violated(string reason) => throw new InvalidOperationException(reason);

        public void GaveUp(string reason) => throw new InvalidOperationException(reason);

        public void TookLeave()
        {
        }

        public void Ended()
        {
        }
    }
}
