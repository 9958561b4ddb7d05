using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace ClusterChat.Browser.Tests.Kit;

/// <summary>
/// A client without a browser: whatever messages it sees, in order, as <c>NAME: TEXT</c>. The three of them differ
/// in how they listen and in how they send.
/// </summary>
internal abstract class Listener : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public abstract Task SendAsync(string text);

    /// <summary>The next messages. What comes twice, or not at all, shows in the order of the others.</summary>
    public async Task ExpectAsync(params string[] lines)
    {
        using var patience = new CancellationTokenSource(Patience);
        var seen = new List<string>();
        try
        {
            while (seen.Count < lines.Length)
            {
                seen.Add(await _seen.Reader.ReadAsync(patience.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // Shown by the comparison.
        }

        seen.ShouldBe(lines, ignoreOrder: false, GetType().Name);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
        Close();
        GC.SuppressFinalize(this);
    }

    protected void Run(Func<CancellationToken, Task> listen) => _running = RunAsync(listen);

    protected void Take(JsonElement frame)
    {
        if (frame.GetProperty("t").GetString() == "msg")
        {
            _seen.Writer.TryWrite($"{frame.GetProperty("from").GetString()}: {frame.GetProperty("text").GetString()}");
        }
    }

    protected abstract void Close();

    private async Task RunAsync(Func<CancellationToken, Task> listen)
    {
        try
        {
            await listen(_stopping.Token);
            _seen.Writer.TryComplete();
        }
        catch (Exception error)
        {
            _seen.Writer.TryComplete(_stopping.IsCancellationRequested ? null : error);
        }
    }
}

/// <summary>The JSON protocol over a WebSocket.</summary>
internal sealed class JsonListener : Listener
{
    private readonly ClientWebSocket _socket = new();
    private readonly string _room;
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _id = 2;

    private JsonListener(string room) => _room = room;

    public static async Task<JsonListener> EnterAsync(Uri server, string room, string name)
    {
        var listener = new JsonListener(room);
        await listener._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None);
        await listener.WriteAsync(new { id = 1, t = "hello", name });
        await listener.WriteAsync(new { id = 2, t = "join", room, limit = 0 });
        listener.Run(listener.ListenAsync);
        await listener._joined.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        return listener;
    }

    public override Task SendAsync(string text)
        => WriteAsync(new { id = ++_id, t = "send", room = _room, mid = Guid.NewGuid().ToString(), text });

    /// <summary>As if somebody were at the keys.</summary>
    public Task TypeAsync() => WriteAsync(new { t = "typing", room = _room });

    protected override void Close() => _socket.Dispose();

    private Task WriteAsync(object frame)
        => _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[128 * 1024];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            foreach (var line in Encoding.UTF8.GetString(buffer, 0, length).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var frame = JsonSerializer.Deserialize<JsonElement>(line);
                Take(frame);
                if (frame.GetProperty("t").GetString() == "joined")
                {
                    _joined.TrySetResult();
                }
            }
        }
    }
}

/// <summary>The HTTP API: posts, and hears by whatever the derived class does.</summary>
internal abstract class HttpListener : Listener
{
    private string? _session;

    protected HttpListener(Uri server, string room, string name)
    {
        // The environment's proxy is not for the loopback.
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(server, $"/api/rooms/{Uri.EscapeDataString(room)}/") };
        Http.DefaultRequestHeaders.Add("X-Guest-Name", Uri.EscapeDataString(name));
    }

    protected HttpClient Http { get; }

    public override async Task SendAsync(string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "messages")
        {
            Content = new StringContent(JsonSerializer.Serialize(new { text, mid = Guid.NewGuid().ToString() }), Encoding.UTF8, "application/json"),
        };
        if (_session is not null)
        {
            request.Headers.Add("X-Guest-Session", _session);
        }

        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        Remember(response);
    }

    /// <summary>The session of the first answer is who this is; without it, each request would be another guest.</summary>
    protected void Remember(HttpResponseMessage response) => _session ??= response.Headers.GetValues("X-Guest-Session").Single();

    /// <summary>The position at which the room is now.</summary>
    protected async Task<string> PositionAsync()
    {
        var page = JsonSerializer.Deserialize<JsonElement>(await Http.GetStringAsync("messages?limit=1"));
        var msgs = page.GetProperty("msgs");
        var seq = msgs.GetArrayLength() == 0 ? 0 : msgs[msgs.GetArrayLength() - 1].GetProperty("seq").GetInt64();
        return $"{page.GetProperty("log").GetString()}/{seq}";
    }

    protected override void Close() => Http.Dispose();
}

/// <summary>Server-Sent Events.</summary>
internal sealed class SseListener : HttpListener
{
    private SseListener(Uri server, string room, string name)
        : base(server, room, name)
    {
    }

    public static async Task<SseListener> EnterAsync(Uri server, string room, string name)
    {
        var listener = new SseListener(server, room, name);
        using var request = new HttpRequestMessage(HttpMethod.Get, "events?limit=0") { Headers = { { "Accept", "text/event-stream" } } };
        var response = await listener.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        listener.Remember(response);
        listener.Run(token => listener.ListenAsync(response, token));
        return listener;
    }

    private async Task ListenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using (response)
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    Take(JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]));
                }
            }
        }
    }
}

/// <summary>Long polling.</summary>
internal sealed class PollListener : HttpListener
{
    private PollListener(Uri server, string room, string name)
        : base(server, room, name)
    {
    }

    public static async Task<PollListener> EnterAsync(Uri server, string room, string name)
    {
        var listener = new PollListener(server, room, name);
        var position = await listener.PositionAsync();
        listener.Run(token => listener.ListenAsync(position, token));
        return listener;
    }

    private async Task ListenAsync(string position, CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = JsonSerializer.Deserialize<JsonElement>(await Http.GetStringAsync($"messages?wait=25&after={position}", cancellationToken));
            foreach (var message in page.GetProperty("msgs").EnumerateArray())
            {
                Take(message);
                position = $"{page.GetProperty("log").GetString()}/{message.GetProperty("seq").GetInt64()}";
            }
        }
    }
}
