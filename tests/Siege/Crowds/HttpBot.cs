using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using ClusterChat.Siege.Attacks;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Crowds;

/// <summary>A bot over HTTP, as fast as one user may send: 60 messages a second, and a look at the room each second.</summary>
internal sealed class HttpBot : Attack
{
    private const double PerSecond = 60;
    private const string Messages = "api/rooms/bots/messages", SessionHeader = "X-Guest-Session";
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    public override string Name => "http-bot";

    public override string Title => "a bot over HTTP at 60 messages a second";

    public override bool IsHonest => true;

    public override async Task RunAsync(AttackField field, CancellationToken stop)
    {
        using var http = Client(field);
        var session = await SayAsync(field, http, 0, null);
        var (begin, said, under) = (Stopwatch.GetTimestamp(), 1, new List<Task>());
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                for (; said < Stopwatch.GetElapsedTime(begin).TotalSeconds * PerSecond; said++)
                {
                    under.Add(SayAsync(field, http, said, session));
                    if (said % PerSecond == 0)
                        under.Add(LookAsync(field, http));
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        await Task.WhenAll(under);
        foreach (var (what, times) in field.Heard.All.Where(h => h.What != "HTTP 200"))
            field.Broken.Add(string.Create(CultureInfo.InvariantCulture, $"the bot heard {times:N0} × {what}"));
    }

    private static HttpClient Client(AttackField field)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = static async (context, stop) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(Addresses.OfCrowd(0), 0));
                    await socket.ConnectAsync(context.DnsEndPoint, stop);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri($"http://{field.Node}/") };
    }

    /// <returns>The session by which it is the same guest again.</returns>
    private static async Task<string?> SayAsync(AttackField field, HttpClient http, int number, string? session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Messages, UriKind.Relative))
        {
            Content = JsonContent.Create(new { text = string.Create(CultureInfo.InvariantCulture, $"the {number}th"), mid = Guid.NewGuid().ToString() }),
        };
        request.Headers.Add("X-Guest-Name", "bot");
        if (session is not null)
            request.Headers.Add(SessionHeader, session);
        return await AskAsync(field, http, request);
    }

    private static async Task LookAsync(AttackField field, HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Messages, UriKind.Relative));
        await AskAsync(field, http, request);
    }

    private static async Task<string?> AskAsync(AttackField field, HttpClient http, HttpRequestMessage request)
    {
        try
        {
            using var answer = await http.SendAsync(request);
            field.Heard.Add(string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)answer.StatusCode}"));
            return answer.Headers.TryGetValues(SessionHeader, out var values) ? values.First() : null;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            field.Heard.Add("no answer");
            return null;
        }
    }
}
