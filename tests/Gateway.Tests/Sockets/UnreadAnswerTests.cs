using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Sockets;
using ClusterChat.Gateway.Tests.WebSockets;
using ClusterChat.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Tests.Sockets;

/// <summary>A real web server, and clients that ask for much and read nothing.</summary>
public sealed class UnreadAnswerTests : IAsyncDisposable
{
    // More than the sockets' buffers take.
    private const int Large = 24 * 1024 * 1024;
    private readonly ManualClock _clock = new();
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _app;

    public async ValueTask DisposeAsync() => await _app!.DisposeAsync();

    [Fact]
    public async Task Who_reads_nothing_of_an_answer_is_cut_after_a_while_and_nothing_is_held_any_more()
    {
        var output = await StartAsync(new GatewayOptions { OutputBytes = 1024 * 1024 * 1024 });
        using var client = await AskAsync();
        await UntilAsync(() => output.Budget.Held > Large).InTime();

        // Whatever the client's machine takes by itself counts as taken; then nothing is.
        await UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(31));
            output.Sweep();
            return _written.Task.IsCompleted;
        }).InTime();
        output.Budget.Held.ShouldBe(0);
        output.Budget.GivenUp.ShouldBe(0);
        (await ReadAsync(client)).ShouldBeLessThan(Large, "it is cut off");
    }

    [Fact]
    public async Task Who_reads_nothing_is_cut_at_once_where_the_node_holds_too_much()
    {
        var output = await StartAsync(new GatewayOptions { OutputBytes = 1024 * 1024 });
        using var client = await AskAsync();
        await UntilAsync(() => output.Budget is { GivenUp: 1, Held: 0 }).InTime();
        (await ReadAsync(client)).ShouldBeLessThan(Large, "it is cut off");
    }

    [Fact]
    public async Task Who_reads_gets_all_of_it_and_is_counted_for_nothing_then()
    {
        var output = await StartAsync(new GatewayOptions { OutputBytes = 1024 * 1024 * 1024 });
        using var client = await AskAsync();
        await UntilAsync(() => output.Budget.Held > Large).InTime();

        (await ReadAsync(client)).ShouldBeGreaterThan(Large, "with the headers");
        output.Budget.Held.ShouldBe(0);
        output.Budget.GivenUp.ShouldBe(0);
    }

    [Fact]
    public async Task Each_bit_that_a_client_takes_shows_though_the_socket_has_no_place_for_more()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient { ReceiveBufferSize = 64 * 1024 };
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var sockets = new SocketTable(new SocketLimits { Most = 1 }, TimeProvider.System);
        await using var stream = new SocketStream(sockets.TryAdd(await listener.AcceptSocketAsync(), IPAddress.Loopback, listener)!);
        var write = stream.WriteAsync(new byte[Large]).AsTask();
        write.IsCompleted.ShouldBeFalse();

        // As much as the client's machine takes by itself, and then nothing.
        await UntilAsync(() => stream.Taken > 0).InTime();
        var buffer = new byte[64 * 1024];
        for (var i = 0; i < 20; i++)
        {
            var taken = stream.Taken;
            while (stream.Taken == taken)
                await client.GetStream().ReadExactlyAsync(buffer).AsTask().InTime();
        }

        write.IsCompleted.ShouldBeFalse();
        client.Dispose();
        await Should.ThrowAsync<SocketException>(() => write.InTime());
    }

    /// <summary>How much comes before the end, or before it is cut.</summary>
    private static async Task<int> ReadAsync(TcpClient client)
    {
        var buffer = new byte[1024 * 1024];
        var read = 0;
        try
        {
            while (await client.GetStream().ReadAsync(buffer).AsTask().InTime() is > 0 and var count)
                read += count;
        }
        catch (IOException)
        {
            // It was reset.
        }

        return read;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Yield();
    }

    private async Task<ClientOutput> StartAsync(GatewayOptions options)
    {
        var output = new ClientOutput(options, _clock);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(output);
        builder.Services.AddSingleton(new ClientSockets(options, [], TimeProvider.System));
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async context =>
        {
            await context.Response.Body.WriteAsync(new byte[Large]);
            _written.SetResult();
        });
        await _app.StartAsync();
        return output;
    }

    private async Task<TcpClient> AskAsync()
    {
        var address = IPEndPoint.Parse(_app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()["http://".Length..]);
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(address);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
        return client;
    }
}
