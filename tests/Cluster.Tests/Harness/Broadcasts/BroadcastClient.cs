using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterChat.Cluster.Tests.Harness.Broadcasts;

/// <summary>
/// A member of rooms in which more is said than <see cref="ChatClient"/> could keep: it keeps numbers and no texts. Where its connection ends it
/// comes back, and joins where it was.
/// </summary>
internal sealed class BroadcastClient : IAsyncDisposable
{
    private static readonly long Epoch = Stopwatch.GetTimestamp();

    private readonly Lock _gate = new();
    private readonly Func<int> _gateway;
    private readonly Dictionary<string, BroadcastRoom> _rooms;
    private readonly Dictionary<(string Room, long Seq), int> _acked = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly List<string> _violations = [];
    private List<TimeSpan> _delays = [];
    private WebSocketWire? _wire;
    private string? _session;
    private long _bytes;

    /// <param name="name">The guest's name.</param>
    /// <param name="rooms">Where it is a member.</param>
    /// <param name="gateway">The port at which it is to connect now.</param>
    public BroadcastClient(string name, IEnumerable<string> rooms, Func<int> gateway)
    {
        Name = name;
        _gateway = gateway;
        _rooms = rooms.ToDictionary(r => r, r => new BroadcastRoom(r), StringComparer.Ordinal);
        _running = RunAsync();
    }

    /// <summary>The clock of all of them.</summary>
    public static TimeSpan Now => Stopwatch.GetElapsedTime(Epoch);

    public string Name { get; }

    /// <summary>Pulsed whenever something was heard.</summary>
    public Signal Changed { get; } = new();

    /// <summary>How often it connected.</summary>
    public int Connections { get; private set; }

    /// <summary>Writes that were refused; they are not sent again.</summary>
    public int Refused { get; private set; }

    /// <summary>The messages that were acked, by the position that the ack told. Complete once it hears nothing any more.</summary>
    public IReadOnlyDictionary<(string Room, long Seq), int> Acked => _acked;

    /// <summary>How many of its writes are acked.</summary>
    public int AckedCount
    {
        get
        {
            lock (_gate)
                return _acked.Count;
        }
    }

    /// <summary>Whether it gets live events of all of its rooms.</summary>
    public bool IsLive
    {
        get
        {
            lock (_gate)
                return _wire is not null && _rooms.Values.All(r => r.IsLive);
        }
    }

    private WebSocketWire Wire
    {
        get
        {
            lock (_gate)
                return _wire ?? throw new IOException($"{Name} is not connected.");
        }
    }

    /// <summary>What should not have been. Complete once it hears nothing any more.</summary>
    public IEnumerable<string> Violations => [.. _violations, .. _rooms.Values.SelectMany(r => r.Violations.Select(v => $"{Name} in {v}"))];

    public BroadcastRoom Room(string name) => _rooms[name];

    public long Seq(string room)
    {
        lock (_gate)
            return _rooms[room].Seq;
    }

    /// <summary>What came live since the last call: the bytes of events, and how long each took from when it should have been sent.</summary>
    public (long Bytes, IReadOnlyList<TimeSpan> Delays) Take()
    {
        lock (_gate)
        {
            var taken = (_bytes, _delays);
            (_bytes, _delays) = (0, []);
            return taken;
        }
    }

    /// <summary>Sends a message; what becomes of it is told by <see cref="Acked"/> and <see cref="Refused"/>.</summary>
    public Task SendAsync(string room, BroadcastMid mid, string text)
        => Wire.SendTextAsync(string.Create(CultureInfo.InvariantCulture, $$"""{"t":"send","id":{{mid.Number}},"room":"{{room}}","mid":"{{mid}}","text":"{{text}}"}"""));

    /// <summary>Gives its gateway up, and goes where it is to connect now.</summary>
    public void Move() => Wire.Reset();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        lock (_gate)
            _wire?.Reset();
        await _running.Within("the end of " + Name);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var wire = await WebSocketWire.ConnectAsync(_gateway());
                await using (wire)
                {
                    lock (_gate)
                        _wire = wire;
                    Connections++;
                    await wire.SendTextAsync(new JsonObject { ["t"] = "hello", ["id"] = 1, ["name"] = Name, ["session"] = _session }.ToJsonString());
                    while (await wire.ReadAsync() is { } frame && frame.Opcode != WireFrame.CloseFrame)
                    {
                        if (frame.Opcode == WireFrame.TextFrame)
                            await OnFrameAsync(wire, frame.Payload);
                    }
                }
            }
            catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
            {
                // It comes back.
            }

            lock (_gate)
            {
                _wire = null;
                foreach (var room in _rooms.Values)
                    room.IsLive = false;
            }

            Changed.Pulse();
        }
    }

    private async Task OnFrameAsync(WebSocketWire wire, byte[] payload)
    {
        var now = Now;
        for (var rest = payload.AsMemory(); !rest.IsEmpty;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            using var json = JsonDocument.Parse(line);
            if (Take(json.RootElement, line.Length, now) is { } answer)
                await wire.SendTextAsync(answer);
        }

        Changed.Pulse();
    }

    /// <returns>What it has to say to that.</returns>
    private string? Take(JsonElement line, int bytes, TimeSpan now)
    {
        lock (_gate)
        {
            switch (line.GetProperty("t").GetString())
            {
                case "msg":
                    _bytes += bytes;
                    _delays.Add(now - _rooms[line.GetProperty("room").GetString()!].OnMessage(line));
                    break;
                case "ack":
                    _acked.Add((line.GetProperty("room").GetString()!, line.GetProperty("seq").GetInt64()), BroadcastMid.Read(line.GetProperty("mid").GetString()!).Number);
                    break;
                case "error" when line.GetProperty("temporary").GetBoolean():
                    Refused++;
                    break;
                case "error":
                    _violations.Add($"{Name} got {line}");
                    break;
                case "joined":
                    _rooms[line.GetProperty("room").GetString()!].OnPage(line);
                    break;
                case "welcome":
                    _session = line.GetProperty("session").GetString();
                    return string.Join('\n', _rooms.Values.Select(Join));
                case "reset":
                    return Join(_rooms[line.GetProperty("room").GetString()!]);
            }

            return null;
        }
    }

    private static string Join(BroadcastRoom room)
    {
        room.IsLive = false;
        var join = new JsonObject { ["t"] = "join", ["id"] = 1, ["room"] = room.Name, ["limit"] = 0 };
        if (room.Log is not null)
            join["since"] = new JsonObject { ["log"] = room.Log, ["seq"] = room.Seq };
        return join.ToJsonString();
    }
}
