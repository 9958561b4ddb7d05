using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterChat.Gateway.Sockets;
using ClusterChat.Gateway.Tests.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Gateway.Tests.Sockets;

/// <summary>What the web server expects of its connections, and the moment when one is taken from it.</summary>
public sealed class SocketConnectionTests : IAsyncLifetime
{
    // More than the pipe between the socket and the server holds.
    private const int Large = 300_000;
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;

    public SocketConnectionTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TestSockets.Unlimited());
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(context => context.Request.Path.Value switch
        {
            "/echo" => context.Request.Body.CopyToAsync(context.Response.Body),
            "/slow" => WaitForTheEndAsync(context),
            "/detach" => DetachAsync(context),
            _ => context.Response.WriteAsync($"{context.Connection.RemoteIpAddress} {context.Connection.RemotePort}"),
        });
    }

    private IPEndPoint Address => IPEndPoint.Parse(
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()["http://".Length..]);

    public Task InitializeAsync() => _app.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Requests_follow_each_other_on_one_connection_and_large_bodies_go_both_ways()
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = new Uri($"http://{Address}") };
        var body = new byte[5_000_000];
        Random.Shared.NextBytes(body);

        var first = await http.GetStringAsync("/").InTime();
        using var response = await http.PostAsync("/echo", new ByteArrayContent(body)).InTime();

        (await response.Content.ReadAsByteArrayAsync().InTime()).AsSpan().SequenceEqual(body).ShouldBeTrue();
        first.ShouldStartWith("127.0.0.1 ");
        (await http.GetStringAsync("/").InTime()).ShouldBe(first, "the same connection");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_is_noticed_while_it_is_being_answered(bool orderly)
    {
        var client = await RequestAsync("/slow");
        await _begun.Task.InTime();

        client.Client.LingerState = new LingerOption(!orderly, 0);
        client.Dispose();

        await _aborted.Task.InTime();
    }

    [Fact]
    public async Task What_the_client_sent_right_behind_its_handshake_is_not_lost_when_the_socket_is_taken()
    {
        var text = string.Concat(Enumerable.Range(0, Large / 10).Select(i => $"{i,9};"));
        using var client = await RequestAsync("/detach", text);

        var received = await ReadAsync(client.GetStream(), Large);

        received.ShouldBe(text);
        await _over.Task.InTime();
    }

    [Fact]
    public async Task The_server_that_ends_its_request_leaves_the_taken_socket_alone()
    {
        using var client = await RequestAsync("/detach");
        var stream = client.GetStream();
        await _over.Task.InTime();

        foreach (var word in (string[])["one", "two", "three"])
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(word));
            (await ReadAsync(stream, word.Length)).ShouldBe(word);
        }

        client.Client.Shutdown(SocketShutdown.Send);
        (await stream.ReadAsync(new byte[1]).AsTask().InTime()).ShouldBe(0);
    }

    // What comes in and who takes the socket meet in every order.
    [Fact]
    public async Task Clients_that_speak_at_the_moment_when_their_socket_is_taken_are_all_heard()
    {
        for (var i = 0; i < 300; i++)
        {
            using var client = await RequestAsync("/detach", i % 3 == 0 ? "" : "one");
            await client.GetStream().WriteAsync("two"u8.ToArray());
            (await ReadAsync(client.GetStream(), i % 3 == 0 ? 3 : 6)).ShouldBe(i % 3 == 0 ? "two" : "onetwo");
        }
    }

    [Fact]
    public async Task The_server_that_stops_does_not_cut_a_taken_socket()
    {
        using var client = await RequestAsync("/detach");
        await _over.Task.InTime();

        await _app.StopAsync().InTime();

        await client.GetStream().WriteAsync("still here"u8.ToArray());
        (await ReadAsync(client.GetStream(), 10)).ShouldBe("still here");
    }

    [Fact]
    public async Task An_address_that_is_taken_is_told_as_such()
    {
        var factory = Factory();

        await Should.ThrowAsync<AddressInUseException>(async () => await factory.BindAsync(Address));
    }

    [Fact]
    public async Task A_listener_that_is_unbound_has_no_more_to_accept()
    {
        var factory = Factory();
        await using var listener = await factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        var accepting = listener.AcceptAsync();

        await listener.UnbindAsync();

        (await accepting.AsTask().InTime()).ShouldBeNull();
    }

    private SocketListenerFactory Factory() => new(
        _app.Services.GetRequiredService<IMemoryPoolFactory<byte>>(),
        _app.Services.GetRequiredService<ClientSockets>(),
        NullLogger<SocketListenerFactory>.Instance);

    private async Task WaitForTheEndAsync(HttpContext context)
    {
        context.RequestAborted.Register(_aborted.SetResult);
        _begun.SetResult();
        await _aborted.Task;
    }

    private async Task DetachAsync(HttpContext context)
    {
        context.Response.Headers.Upgrade = "echo";
        context.Response.OnCompleted(() =>
        {
            _over.TrySetResult();
            return Task.CompletedTask;
        });
        await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        _ = EchoAsync(context.Features.GetRequiredFeature<SocketConnection>().Detach());
    }

    private static async Task EchoAsync(SocketStream stream)
    {
        await using (stream)
        {
            var buffer = new byte[10_000];
            while (await stream.ReadAsync(buffer) is > 0 and var count)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }

    /// <summary>Sends a request, and more right behind it; where it asks for the socket, reads the answer's head.</summary>
    private async Task<TcpClient> RequestAsync(string path, string more = "")
    {
        var client = new TcpClient();
        await client.ConnectAsync(Address);
        var request = $"GET {path} HTTP/1.1\r\nHost: h\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n{more}";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request)).AsTask().InTime();
        if (path == "/detach")
        {
            var head = "";
            while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                head += await ReadAsync(client.GetStream(), 1);
            }

            head.ShouldStartWith("HTTP/1.1 101 ");
        }

        return client;
    }

    private static async Task<string> ReadAsync(Stream stream, int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes).AsTask().InTime();
        return Encoding.ASCII.GetString(bytes);
    }
}
