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
    private readonly Simulation _time = new(1);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _app;

    public async ValueTask DisposeAsync() => await _app!.DisposeAsync();

    [Fact]
    public async Task Who_reads_nothing_of_an_answer_is_cut_after_a_while_and_nothing_is_held_any_more()
    {
        var output = await StartAsync(new GatewayOptions { OutputBytes = 1024 * 1024 * 1024 });
        using var client = await AskAsync();
        await UntilAsync(() => output.Budget.Held > Large).InTime();
        output.Sweep();
        _aborted.Task.IsCompleted.ShouldBeFalse();

        // Whatever the socket takes at the beginning counts as taken; then it is full.
        while (!_aborted.Task.IsCompleted)
        {
            _time.RunFor(TimeSpan.FromSeconds(31));
            output.Sweep();
            await Task.Yield();
        }

        await UntilAsync(() => output.Budget.Held == 0).InTime();
    }

    [Fact]
    public async Task Who_reads_nothing_is_cut_at_once_where_the_node_holds_too_much()
    {
        var output = await StartAsync(new GatewayOptions { OutputBytes = 1024 * 1024 });
        using var client = await AskAsync();
        await _aborted.Task.InTime();
        await UntilAsync(() => output.Budget.Held == 0).InTime();
    }

    [Fact]
    public async Task Who_reads_gets_all_of_it_and_is_counted_for_nothing_then()
    {
        var output = await StartAsync(new GatewayOptions { OutputBytes = 1024 * 1024 * 1024 });
        using var client = await AskAsync();
        await UntilAsync(() => output.Budget.Held > Large).InTime();

        var buffer = new byte[1024 * 1024];
        var read = 0;
        while (await client.GetStream().ReadAsync(buffer).AsTask().InTime() is > 0 and var count)
            read += count;

        read.ShouldBeGreaterThan(Large);
        output.Budget.Held.ShouldBe(0);
        output.Budget.GivenUp.ShouldBe(0);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Yield();
    }

    private async Task<ClientOutput> StartAsync(GatewayOptions options)
    {
        var output = new ClientOutput(options, _time.Clock);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(output);
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async context =>
        {
            context.RequestAborted.Register(() => _aborted.TrySetResult());
            await context.Response.Body.WriteAsync(new byte[Large]);
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
