using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterChat.Gateway.Http;
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

namespace ClusterChat.Gateway.Tests.Http;

/// <summary>Requests that begin and do not end, over the real web server.</summary>
public sealed class UnfinishedRequestTests : IAsyncLifetime
{
    private const int MostBody = 100_000;
    private readonly ManualClock _clock = new();
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TcpClient> _clients = [];
    private ClientSockets? _sockets;
    private WebApplication? _app;

    private long Held => _sockets!.Input.Budget.Held;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _clients.ForEach(c => c.Dispose());
        _answer.TrySetResult();
        await _app!.DisposeAsync();
    }

    [Fact]
    public async Task A_whole_request_counts_nothing()
    {
        // Whatever counted would have to go.
        await StartAsync(mostBytes: 1);
        var client = await ConnectAsync();

        for (var i = 0; i < 20; i++)
        {
            await SendAsync(client, $"POST /send HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{new string('x', 1000)}");
            (await ReadAnswerAsync(client)).ShouldEndWith("1000");
        }

        _sockets!.Input.Budget.GivenUp.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_comes_in_pieces_gets_through_and_holds_nothing_afterwards(bool chunked)
    {
        await StartAsync();
        var client = await ConnectAsync();

        await SendAsync(client, $"POST /send HTTP/1.1\r\nHost: h\r\n{(chunked ? "Transfer-Encoding: chunked" : "Content-Length: 30000")}\r\n\r\n");
        for (var i = 0; i < 3; i++)
        {
            var piece = new string('x', 10_000);
            await SendAsync(client, chunked ? $"2710\r\n{piece}\r\n" : piece);
            await UntilAsync(() => Held >= (i + 1) * 10_000 || (!chunked && i == 2));
        }

        await SendAsync(client, chunked ? "0\r\n\r\n" : "");

        (await ReadAnswerAsync(client)).ShouldEndWith("30000");
        await UntilAsync(() => Held == 0);
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused_before_it_is_there()
    {
        await StartAsync();
        var client = await ConnectAsync();

        await SendAsync(client, $"POST /send HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n30D40\r\n{new string('x', 150_000)}");

        (await ReadAnswerAsync(client)).ShouldStartWith("HTTP/1.1 413 ");
        await UntilAsync(() => Held == 0);
    }

    [Fact]
    public async Task A_body_that_stops_is_answered_408_and_closed_however_much_came_before()
    {
        await StartAsync();
        var client = await ConnectAsync();
        await SendAsync(client, $"POST /send HTTP/1.1\r\nHost: h\r\nContent-Length: 65500\r\n\r\n{new string('x', 65_000)}");
        await UntilAsync(() => Held >= 65_000);

        _clock.Advance(TimeSpan.FromSeconds(41));

        var answer = await ReadToEndAsync(client);
        answer.ShouldStartWith("HTTP/1.1 408 ");
        answer.ShouldContain("\"unavailable\"");
        await UntilAsync(() => Held == 0);
    }

    [Fact]
    public async Task Where_too_much_is_held_the_longest_body_goes_and_hears_503()
    {
        await StartAsync(mostBytes: 110_000);
        var small = await ConnectAsync();
        await SendAsync(small, $"POST /send HTTP/1.1\r\nHost: h\r\nContent-Length: 20000\r\n\r\n{new string('s', 10_000)}");
        await UntilAsync(() => Held == 16_384 + UnfinishedInput.ConnectionBytes);
        var large = await ConnectAsync();

        await SendAsync(large, $"POST /send HTTP/1.1\r\nHost: h\r\nContent-Length: 65500\r\n\r\n{new string('l', 65_000)}");

        var answer = await ReadToEndAsync(large);
        answer.ShouldStartWith("HTTP/1.1 503 ");
        answer.ShouldContain("\"busy\"");
        await UntilAsync(() => Held == 16_384 + UnfinishedInput.ConnectionBytes);
        await SendAsync(small, new string('s', 10_000));
        (await ReadAnswerAsync(small)).ShouldEndWith("20000");
    }

    [Theory]
    [InlineData("one header of 20 KB")]
    [InlineData("20 headers of 1 KB")]
    public async Task Headers_that_do_not_end_count_and_go_where_too_much_is_held(string what)
    {
        await StartAsync(mostBytes: 100_000);
        var headers = what.StartsWith("one", StringComparison.Ordinal)
            ? "X: " + new string('x', 20_000)
            : string.Concat(Enumerable.Range(0, 20).Select(i => $"X-{i}: {new string('x', 1000)}\r\n"));
        var first = await ConnectAsync();
        await SendAsync(first, "GET / HTTP/1.1\r\nHost: h\r\n" + headers);
        await UntilAsync(() => Held > 20_000);

        var ended = ReadToEndAsync(first);
        for (var i = 0; i < 10 && !ended.IsCompleted; i++)
        {
            var next = await ConnectAsync();
            await SendAsync(next, "GET / HTTP/1.1\r\nHost: h\r\n" + headers);
        }

        await UntilAsync(() => _sockets!.Input.Budget.GivenUp > 0);
        await UntilAsync(() => Held <= 100_000);
        var honest = await ConnectAsync();
        await SendAsync(honest, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        (await ReadAnswerAsync(honest)).ShouldEndWith("hello");
    }

    [Fact]
    public async Task Long_headers_and_what_is_sent_behind_a_request_are_held_until_it_is_answered()
    {
        await StartAsync();
        var client = await ConnectAsync();
        await SendAsync(client, $"GET /held HTTP/1.1\r\nHost: h\r\nX: {new string('x', 20_000)}\r\n\r\n");
        await UntilAsync(() => Held >= 60_000);
        var headers = Held;
        await SendAsync(client, new string('z', 12_000));
        await UntilAsync(() => Held >= headers + 12_000);

        _answer.SetResult();

        // What was sent behind it is no request.
        (await ReadToEndAsync(client)).ShouldContain("HTTP/1.1 414 ");
        await UntilAsync(() => Held == 0);
    }

    [Fact]
    public async Task Whoever_leaves_in_the_middle_leaves_nothing_behind()
    {
        await StartAsync();
        var headers = await ConnectAsync();
        await SendAsync(headers, $"GET / HTTP/1.1\r\nHost: h\r\nX: {new string('x', 20_000)}");
        var body = await ConnectAsync();
        await SendAsync(body, $"POST /send HTTP/1.1\r\nHost: h\r\nContent-Length: 65500\r\n\r\n{new string('x', 65_000)}");
        await UntilAsync(() => Held > 65_000 + 20_000);

        _clients.ForEach(c => c.Dispose());

        await UntilAsync(() => Held == 0 && _sockets!.Table.Counts.Open == 0);
    }

    private async Task StartAsync(long mostBytes = 0)
    {
        _sockets = TestSockets.Of(new SocketLimits { Most = 1000 }, new UnfinishedInput(mostBytes, TimeSpan.FromSeconds(20), 240, _clock), _clock);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_sockets);
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            HttpServer.Configure(kestrel, new Gateway.Connections.GatewayOptions());
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        ClientSockets.Use(_app);
        _app.Run(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/send" when await RequestBody.ReadAsync(context, MostBody, _sockets.Input) is { } body:
                    await context.Response.WriteAsync($"{body.Length}");
                    break;
                case "/held":
                    await _answer.Task;
                    await context.Response.WriteAsync("at last");
                    break;
                case "/":
                    await context.Response.WriteAsync("hello");
                    break;
            }
        });
        await _app.StartAsync();
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        _clients.Add(client);
        await client.ConnectAsync(IPEndPoint.Parse(
            _app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()["http://".Length..]));
        return client;
    }

    private static Task SendAsync(TcpClient client, string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text)).InTime();

    /// <summary>Reads one answer, which is short and comes at once.</summary>
    private static async Task<string> ReadAnswerAsync(TcpClient client)
    {
        var buffer = new byte[4096];
        var text = string.Empty;
        while (!text.Contains("\r\n0\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await client.GetStream().ReadAsync(buffer).InTime();
            count.ShouldBeGreaterThan(0, text);
            text += Encoding.ASCII.GetString(buffer, 0, count);
        }

        return text[..^"\r\n0\r\n\r\n".Length];
    }

    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        var buffer = new byte[4096];
        var text = string.Empty;
        try
        {
            while (await client.GetStream().ReadAsync(buffer).InTime() is > 0 and var count)
            {
                text += Encoding.ASCII.GetString(buffer, 0, count);
            }
        }
        catch (IOException)
        {
            // Reset.
        }

        return text;
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(since).TotalSeconds.ShouldBeLessThan(20, $"{Held} bytes are held");
            await Task.Yield();
        }
    }
}
