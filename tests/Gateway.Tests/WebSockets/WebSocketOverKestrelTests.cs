using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Sockets;
using ClusterChat.Gateway.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Tests.WebSockets;

/// <summary>The whole of it, with the server and a client of the framework at the two ends of a real socket.</summary>
public sealed class WebSocketOverKestrelTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;

    public WebSocketOverKestrelTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TestSockets.Unlimited());
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Less than one of the messages: it must not count for a WebSocket.
            kestrel.Limits.MaxRequestBodySize = 10_000;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    public Task InitializeAsync() => _app.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Messages_come_back_and_the_handshake_of_the_close_completes(int httpVersion)
    {
        using var socket = await ConnectAsync(httpVersion);
        socket.SubProtocol.ShouldBe("clusterchat.v1");

        foreach (var size in (int[])[0, 1, 125, 126, 4096, 65535, 65536])
        {
            var text = new string('t', size);
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);
            (await WebSocketTransportTests.ReceiveAsync(socket).InTime()).ShouldBe(text);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None).InTime();
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        socket.State.ShouldBe(WebSocketState.Closed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_binary_message_is_closed_with_our_own_code(int httpVersion)
    {
        using var socket = await ConnectAsync(httpVersion);

        await socket.SendAsync(new byte[100_000], WebSocketMessageType.Binary, true, CancellationToken.None);

        (await WebSocketTransportTests.ReceiveAsync(socket).InTime()).ShouldBeNull();
        ((int?)socket.CloseStatus).ShouldBe(3501);
        socket.CloseStatusDescription.ShouldBe("binary message");
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
    }

    [Fact]
    public async Task A_message_over_the_limit_is_closed_with_our_own_code()
    {
        using var socket = await ConnectAsync(1);

        await socket.SendAsync(new byte[65537], WebSocketMessageType.Text, true, CancellationToken.None);

        (await WebSocketTransportTests.ReceiveAsync(socket).InTime()).ShouldBeNull();
        ((int?)socket.CloseStatus).ShouldBe(3501);
    }

    [Fact]
    public async Task The_clients_pings_are_answered()
    {
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.FromMilliseconds(20);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(10);
        await socket.ConnectAsync(Address(1), CancellationToken.None).InTime();
        var receive = WebSocketTransportTests.ReceiveAsync(socket);

        await socket.SendAsync("pings"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);

        // The server answers only after it has seen five reads more, which are pings.
        (await receive.InTime()).ShouldBe("pings seen");
        socket.State.ShouldBe(WebSocketState.Open);
    }

    [Fact]
    public async Task A_reset_connection_ends_the_reading()
    {
        using (var socket = await ConnectAsync(1))
        {
            await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
            (await WebSocketTransportTests.ReceiveAsync(socket).InTime()).ShouldBe("hello");
            socket.Abort();
        }

        await _ended.Task.InTime();
    }

    [Fact]
    public async Task A_wrong_version_is_told_the_right_one()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Address(1).Port);
        var stream = tcp.GetStream();

        await stream.WriteAsync("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 7\r\n\r\n"u8.ToArray());

        using var reader = new StreamReader(stream);
        (await reader.ReadLineAsync().InTime()).ShouldBe("HTTP/1.1 426 Upgrade Required");
        var headers = new List<string>();
        while (await reader.ReadLineAsync().InTime() is { Length: > 0 } line)
        {
            headers.Add(line);
        }

        headers.ShouldContain("Sec-WebSocket-Version: 13");
    }

    [Fact]
    public async Task A_plain_request_is_told_to_upgrade()
    {
        using var client = new HttpClient();

        var address = new UriBuilder(Address(1)) { Scheme = "http" }.Uri;
        using var response = await client.GetAsync(address).InTime();

        response.StatusCode.ShouldBe(HttpStatusCode.UpgradeRequired);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    // What the read loop and the transport take for granted of the server.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_read_of_zero_bytes_waits_and_no_data_rate_is_asked_for(int httpVersion)
    {
        using var socket = await ConnectAsync(httpVersion, "/quiet");

        (await WebSocketTransportTests.ReceiveAsync(socket).InTime()).ShouldBe("read waits: True, rates lifted: True");
        await socket.SendAsync("x"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        (await WebSocketTransportTests.ReceiveAsync(socket).InTime()).ShouldBe("woken with 0");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Abort_fails_a_send_that_waits_for_a_client_that_does_not_read(int httpVersion)
    {
        using var socket = await ConnectAsync(httpVersion, "/stuck");
        await socket.SendAsync("go"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);

        await _ended.Task.InTime();
    }

    private static async Task QuietAsync(HttpContext context, Stream stream, WebSocketTransport transport)
    {
        var read = stream.ReadAsync(Memory<byte>.Empty, context.RequestAborted).AsTask();
        var lifted = context.Request.Protocol != HttpProtocol.Http11
            || (context.Features.Get<IHttpMinResponseDataRateFeature>() is { MinDataRate: null }
                && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { MinDataRate: null });
        await transport.SendAsync([Encoding.UTF8.GetBytes($"read waits: {!read.IsCompleted}, rates lifted: {lifted}")]);
        await transport.SendAsync([Encoding.UTF8.GetBytes($"woken with {await read}")]);
    }

    private static async Task StuckAsync(WebSocketWire wire, WebSocketTransport transport)
    {
        // Not before the client has its handshake, which an abort would take from it.
        (await wire.Stream.ReadAsync(Memory<byte>.Empty, wire.Aborted)).ShouldBe(0);
        ReadOnlyMemory<byte>[] lines = [new byte[1 << 20]];
        while (true)
        {
            var send = transport.SendAsync(lines);
            if (send.IsCompleted)
            {
                await send;
                continue;
            }

            transport.Abort();
            await Should.ThrowAsync<IOException>(() => send.InTime());
            return;
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (await WebSocketHandshake.AcceptAsync(context) is { } wire)
        {
            var transport = new WebSocketTransport(wire.Stream, wire.Abort, WebSocketLimits.Default);
            await (context.Request.Path.ToString() switch
            {
                "/quiet" => QuietAsync(context, wire.Stream, transport),
                "/stuck" => StuckAsync(wire, transport),
                _ => WebSocketReadLoop.RunAsync(wire.Stream, transport, new Echo(transport), WebSocketLimits.Default, UnfinishedInput.Unlimited(TimeProvider.System), wire.Aborted),
            });
            if (wire.OutlivesRequest)
            {
                await wire.Stream.DisposeAsync();
            }

            _ended.TrySetResult();
        }
    }

    private Uri Address(int httpVersion, string path = "/ws")
    {
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new UriBuilder(addresses.ElementAt(httpVersion - 1)) { Scheme = "ws", Path = path }.Uri;
    }

    private async Task<ClientWebSocket> ConnectAsync(int httpVersion, string path = "/ws")
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("clusterchat.v1");
        socket.Options.HttpVersion = new Version(httpVersion, httpVersion == 1 ? 1 : 0);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        await socket.ConnectAsync(Address(httpVersion, path), invoker, CancellationToken.None).InTime();
        return socket;
    }

    private sealed class Echo(WebSocketTransport transport) : IClientInbound
    {
        private int _untilSeen = -1;

        public async ValueTask ReceiveAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages)
        {
            foreach (var message in messages)
            {
                if (message.Span.SequenceEqual("pings"u8))
                {
                    _untilSeen = 5;
                    continue;
                }

                await transport.SendAsync([message]);
            }
        }

        public void Answered(int ping)
        {
        }

        public bool Idled(int frames) => true;

        public void Touch()
        {
            if (_untilSeen > 0 && --_untilSeen == 0)
            {
                _ = transport.SendAsync([Encoding.UTF8.GetBytes("pings seen")]).AsTask();
            }
        }

        public void Violated(string reason) => _ = transport.CloseAsync(3501, reason).AsTask();

        public void GaveUp(string reason) => _ = transport.CloseAsync(3008, reason).AsTask();

        public void TookLeave()
        {
        }

        public void Ended()
        {
        }
    }
}
