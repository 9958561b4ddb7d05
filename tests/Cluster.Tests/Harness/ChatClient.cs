using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>
/// A client of the JSON protocol. It reads all the time; answers find their requests by <c>id</c>, events go to
/// the traces of their rooms, and everything goes to <see cref="OnLine"/>.
/// </summary>
internal sealed class ChatClient : IAsyncDisposable
{
    private readonly WebSocketWire _wire;
    private readonly Task _reading;
    private readonly ConcurrentDictionary<long, Pending> _pending = new();
    private readonly ConcurrentDictionary<string, RoomTrace> _traces;
    private readonly TaskCompletionSource<int> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<JsonElement> _lines = new();
    private long _lastId;

    private ChatClient(WebSocketWire wire, string name, ConcurrentDictionary<string, RoomTrace> traces, Action<JsonElement>? onLine)
    {
        _wire = wire;
        _traces = traces;
        Name = name;
        OnLine = onLine;
        _reading = ReadAllAsync();
    }

    /// <summary>The guest's name.</summary>
    public string Name { get; }

    /// <summary>What <c>welcome</c> gave.</summary>
    public string Session { get; private set; } = string.Empty;

    /// <summary>The identity of its welcome.</summary>
    public string Uid { get; private set; } = string.Empty;

    /// <summary>Called for each line, in order, by the one reader.</summary>
    public Action<JsonElement>? OnLine { get; }

    /// <summary>Pulsed after each line, and at the end.</summary>
    public Signal Changed { get; } = new();

    /// <summary>The close code; -1 where the connection ended without a close frame.</summary>
    public Task<int> Closed => _closed.Task;

    /// <summary>All lines so far.</summary>
    public IReadOnlyCollection<JsonElement> Lines => _lines;

    /// <summary>The connection below.</summary>
    public WebSocketWire Wire => _wire;

    /// <summary>What it was given of each room; handed over to the connection after this one.</summary>
    public ConcurrentDictionary<string, RoomTrace> Traces => _traces;

    /// <summary>Connects and says hello.</summary>
    public static async Task<ChatClient> ConnectAsync(
        int port,
        string name,
        string? session = null,
        ConcurrentDictionary<string, RoomTrace>? traces = null,
        Action<JsonElement>? onLine = null)
    {
        var wire = await WebSocketWire.ConnectAsync(port);
        var client = new ChatClient(wire, name, traces ?? new(StringComparer.Ordinal), onLine);
        try
        {
            var hello = new JsonObject { ["t"] = "hello", ["name"] = name };
            if (session is not null)
                hello["session"] = session;
            var welcome = await client.AskAsync(hello);
            welcome.GetProperty("t").GetString().ShouldBe("welcome");
            client.Session = welcome.GetProperty("session").GetString()!;
            client.Uid = welcome.GetProperty("uid").GetString()!;
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    public RoomTrace Trace(string room) => _traces.GetOrAdd(room, static (r, owner) => new RoomTrace(owner, r), Name);

    /// <summary>Joins, where it was if it has been there, and returns the last page.</summary>
    public async Task<JsonElement> JoinAsync(string room, int? limit = null, (string Log, long Seq)? since = null)
    {
        var join = new JsonObject { ["t"] = "join", ["room"] = room };
        if (limit is not null)
            join["limit"] = limit;
        if ((since ?? Trace(room).Position) is var (log, seq))
            join["since"] = new JsonObject { ["log"] = log, ["seq"] = seq };
        var answer = await AskAsync(join);
        answer.GetProperty("t").GetString().ShouldBe("joined", answer.ToString());
        return answer;
    }

    /// <summary>Sends a message and returns the answer.</summary>
    public Task<JsonElement> SendAsync(string room, string mid, string text)
        => AskAsync(new JsonObject { ["t"] = "send", ["room"] = room, ["mid"] = mid, ["text"] = text });

    /// <summary>Sends a message and returns the ack.</summary>
    public async Task<JsonElement> SendAckedAsync(string room, string mid, string text)
    {
        var answer = await SendAsync(room, mid, text);
        answer.GetProperty("t").GetString().ShouldBe("ack", answer.ToString());
        return answer;
    }

    /// <summary>Asks, and returns the answer, the last one where there are several pages.</summary>
    public async Task<JsonElement> AskAsync(JsonObject request)
    {
        var id = Interlocked.Increment(ref _lastId);
        request["id"] = id;
        var pending = _pending.GetOrAdd(id, static _ => new Pending());
        if (_closed.Task.IsCompleted)
            pending.Answer.TrySetException(Gone());
        else
            await _wire.SendTextAsync(request.ToJsonString());
        return await pending.Answer.Task.Within("the answer to " + request.ToJsonString());
    }

    /// <summary>Writes lines in one frame, whatever they are.</summary>
    public Task WriteAsync(params IEnumerable<string> lines) => _wire.SendTextAsync(string.Join('\n', lines));

    /// <summary>The first line for which the condition holds.</summary>
    public async Task<JsonElement> WaitForAsync(Func<JsonElement, bool> condition, string what)
    {
        await Changed.WaitAsync(() => _lines.Any(condition) || _closed.Task.IsCompleted).Within(what);
        return _lines.Any(condition) ? _lines.First(condition) : throw Gone();
    }

    /// <summary>Waits until the room's events up to this one are here.</summary>
    public Task WaitForSeqAsync(string room, long seq)
        => Changed.WaitAsync(() => Trace(room).Seq >= seq || _closed.Task.IsCompleted).Within(
            string.Create(CultureInfo.InvariantCulture, $"{Name} sees {room}/{seq}"));

    /// <summary>The server still reads and answers this connection.</summary>
    public async Task ShouldAnswerAsync()
        => (await AskAsync(new JsonObject { ["t"] = "ping" })).GetProperty("t").GetString().ShouldBe("pong");

    public async ValueTask DisposeAsync()
    {
        await _wire.DisposeAsync();
        await _reading.Within("the end of a client");
    }

    private async Task ReadAllAsync()
    {
        // Off the caller's stack: the server may have answered already.
        await Task.Yield();
        var code = -1;
        try
        {
            while (code < 0 && await _wire.ReadAsync() is { } frame)
            {
                if (frame.Opcode == WireFrame.CloseFrame)
                    code = frame.CloseCode;
                else if (frame.Opcode == WireFrame.TextFrame)
                    TakeAll(frame);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Reset, or disposed of here.
        }

        _closed.TrySetResult(code);
        foreach (var pending in _pending.Values)
            pending.Answer.TrySetException(Gone());
        Changed.Pulse();
    }

    private void TakeAll(WireFrame frame)
    {
        foreach (var text in frame.Text.Split('\n'))
        {
            using var document = JsonDocument.Parse(text);
            Take(document.RootElement.Clone());
        }

        Changed.Pulse();
    }

    private void Take(JsonElement line)
    {
        var type = line.GetProperty("t").GetString();
        var id = line.TryGetProperty("id", out var value) ? value.GetInt64() : 0;
        if (type == "joined")
            Trace(line.GetProperty("room").GetString()!).OnPage(line);
        else if (type is "msg" or "edited" or "deleted" or "reacted")
            Trace(line.GetProperty("room").GetString()!).OnEvent(line);
        _lines.Enqueue(line);
        OnLine?.Invoke(line);
        var more = type == "joined" && line.GetProperty("more").GetBoolean();
        if (!more && _pending.TryRemove(id, out var pending))
            pending.Answer.TrySetResult(line);
    }

    private IOException Gone() => new($"The connection of {Name} is gone, code {(_closed.Task.IsCompleted ? _closed.Task.Result : 0)}.");

    private sealed class Pending
    {
        public TaskCompletionSource<JsonElement> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
