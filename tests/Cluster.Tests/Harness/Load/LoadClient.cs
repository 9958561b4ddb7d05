using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <summary>
/// A client of a cluster as a good library makes one: where a gateway goes, or says nothing any more, it goes to another
/// one, resumes where it was, and sends again what was not acked, in order and under the same ids. It says what it
/// does and sees to the recorder. <c>LoadClient.Receive.cs</c> has what it hears.
/// </summary>
internal sealed partial class LoadClient
{
    /// <summary>A gateway that answers no ping for so long is taken for gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(1);
    private const int MaxUnacked = 100;
    private static long _connections;

    private readonly Lock _gate = new();
    private readonly Recorder _recorder;
    private readonly Func<IReadOnlyList<IPEndPoint>> _gateways;
    private readonly Dictionary<string, LoadRoom> _rooms;
    private readonly Dictionary<long, (LoadRoom Room, Publication Write)> _writes = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random;
    private Connection? _connection;
    private IPEndPoint? _avoid;
    private string? _session;
    private long _lastId;
    private int _lastMid;
    private Task _running = Task.CompletedTask;

    public LoadClient(string name, IEnumerable<string> rooms, Recorder recorder, Func<IReadOnlyList<IPEndPoint>> gateways, int seed)
    {
        Name = name;
        _recorder = recorder;
        _gateways = gateways;
        _rooms = rooms.ToDictionary(r => r, r => new LoadRoom(r), StringComparer.Ordinal);
        _random = new Random(seed);
    }

    public string Name { get; }

    public IReadOnlyCollection<string> Rooms => _rooms.Keys;

    /// <summary>Pulsed whenever something was heard.</summary>
    public Signal Changed { get; } = new();

    /// <summary>The gateway that it is connected to.</summary>
    public IPEndPoint? Gateway
    {
        get
        {
            lock (_gate)
                return _connection?.Gateway;
        }
    }

    /// <summary>Whether it gets live events of all of its rooms.</summary>
    public bool IsLive
    {
        get
        {
            lock (_gate)
                return _rooms.Values.All(r => r.IsLive);
        }
    }

    public int Unacked
    {
        get
        {
            lock (_gate)
                return _rooms.Values.Sum(r => r.Unacked.Count);
        }
    }

    public long Seq(string room)
    {
        lock (_gate)
            return _rooms[room].IsLive ? _rooms[room].Seq : -1;
    }

    public void Start() => _running = RunAsync();

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        lock (_gate)
            _connection?.Wire.Reset();
        await _running.Within("the end of " + Name);
    }

    /// <summary>Says something in a room, now or as soon as there is a connection.</summary>
    /// <returns>The message; null where too many are unacked already.</returns>
    public Publication? Publish(string room)
    {
        lock (_gate)
        {
            var view = _rooms[room];
            if (view.Unacked.Count >= MaxUnacked)
                return null;
            var write = _recorder.Publish(Name, room, string.Create(CultureInfo.InvariantCulture, $"{Name}-{++_lastMid}"));
            view.Unacked.Add(write);
            if (view.IsLive)
                Write(view, write);
            return write;
        }
    }

    /// <summary>Called twice a second: asks a silent gateway for a sign of life, and leaves a dead one.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            if (_connection is not { } connection)
                return;
            var silent = _recorder.Now - connection.LastHeard;
            if (silent > Silence)
                connection.Wire.Reset();
            else if (silent > PingAfter)
                Say(new JsonObject { ["t"] = "ping", ["id"] = ++_lastId });
        }
    }

    /// <summary>Goes to another gateway.</summary>
    public void Move()
    {
        lock (_gate)
            _connection?.Wire.Reset();
    }

    /// <summary>Asks who is in its rooms; <see cref="Rest"/> tells the answers.</summary>
    public void AskMembers()
    {
        lock (_gate)
        {
            foreach (var room in _rooms.Values.Where(r => r.IsLive))
                Say(new JsonObject { ["t"] = "members", ["id"] = ++_lastId, ["room"] = room.Name, ["limit"] = 200 });
        }
    }

    /// <summary>How it stands in a room.</summary>
    public Fact.Rested Rest(string room, TimeSpan now)
    {
        lock (_gate)
        {
            var view = _rooms[room];
            return new Fact.Rested(now, Name, Name, room, view.Log ?? "", view.Seq, view.Listed, [.. view.Told ?? []]);
        }
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            if (await DialAsync() is not { } connection)
            {
                await PauseAsync();
                continue;
            }

            var writing = WriteAllAsync(connection);
            var code = await ReadAllAsync(connection);
            lock (_gate)
            {
                _connection = null;
                _writes.Clear();
                _avoid = connection.Gateway;
                foreach (var room in _rooms.Values)
                    (room.IsLive, room.Asked, room.Told) = (false, 0, null);
                _recorder.Add(at => new Fact.Disconnected(at, Name, connection.Number, code));
            }

            connection.Lines.Writer.TryComplete();
            await writing;
            await connection.Wire.DisposeAsync();
            if (code is 3500 or 3501 or 3503 or 3504)
                Broken(string.Create(CultureInfo.InvariantCulture, $"was closed with {code}"));
            await PauseAsync();
        }
    }

    private Task PauseAsync()
    {
        if (_stop.IsCancellationRequested)
            return Task.CompletedTask;
        TimeSpan pause;
        lock (_gate)
            pause = TimeSpan.FromMilliseconds(_random.Next(5, 60));
        return Task.Delay(pause, TimeProvider.System);
    }

    private async Task<Connection?> DialAsync()
    {
        IPEndPoint gateway;
        lock (_gate)
        {
            var gateways = _gateways();
            if (gateways.Count > 1)
                gateways = [.. gateways.Where(g => !g.Equals(_avoid))];
            if (gateways.Count == 0)
                return null;
            gateway = gateways[_random.Next(gateways.Count)];
        }

        var dialling = WebSocketWire.ConnectAsync(gateway);
        WebSocketWire wire;
        try
        {
            wire = await dialling.WaitAsync(Silence, TimeProvider.System);
        }
        catch (Exception error) when (error is IOException or SocketException or TimeoutException)
        {
            _ = dialling.ContinueWith(
                static async late =>
                {
                    if (late.IsCompletedSuccessfully)
                        await (await late).DisposeAsync();
                },
                TaskScheduler.Default);
            lock (_gate)
                _avoid = gateway;
            return null;
        }

        var connection = new Connection(Interlocked.Increment(ref _connections), wire, gateway) { LastHeard = _recorder.Now };
        lock (_gate)
        {
            _connection = connection;
            var hello = new JsonObject { ["t"] = "hello", ["id"] = ++_lastId, ["name"] = Name };
            if (_session is not null)
                hello["session"] = _session;
            Say(hello);
        }

        return connection;
    }

    private static async Task WriteAllAsync(Connection connection)
    {
        await foreach (var line in connection.Lines.Reader.ReadAllAsync())
        {
            try
            {
                await connection.Wire.SendTextAsync(line);
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or NotSupportedException)
            {
                // The reader sees the end too.
            }
        }
    }

    private async Task<int?> ReadAllAsync(Connection connection)
    {
        try
        {
            while (await connection.Wire.ReadAsync() is { } frame)
            {
                if (frame.Opcode == WireFrame.CloseFrame)
                    return frame.CloseCode;
                if (frame.Opcode == WireFrame.TextFrame)
                    OnFrame(connection, frame.Text);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Reset, by one side or the other.
        }

        return null;
    }

    private void Join(LoadRoom room)
    {
        room.Asked = ++_lastId;
        room.IsLive = false;
        var join = new JsonObject { ["t"] = "join", ["id"] = room.Asked, ["room"] = room.Name, ["limit"] = 200 };
        if (room.Log is not null)
            join["since"] = new JsonObject { ["log"] = room.Log, ["seq"] = room.Seq };
        _recorder.Add(at => new Fact.JoinAsked(at, Name, _connection!.Number, room.Name, room.Log, room.Seq));
        Say(join);
    }

    private void Write(LoadRoom room, Publication write)
    {
        var id = ++_lastId;
        _writes[id] = (room, write);
        var text = "text of " + write.Mid + " ✓";
        _recorder.Add(at => new Fact.Sent(at, Name, _connection!.Number, room.Name, write.Mid, text));
        Say(new JsonObject { ["t"] = "send", ["id"] = id, ["room"] = room.Name, ["mid"] = write.Mid, ["text"] = text });
    }

    private void Say(JsonObject line) => _connection?.Lines.Writer.TryWrite(line.ToJsonString());

    private void Broken(string what) => _recorder.Add(at => new Fact.Broken(at, Name + " " + what));

    /// <param name="Number">Tells it from all others.</param>
    private sealed record Connection(long Number, WebSocketWire Wire, IPEndPoint Gateway)
    {
        /// <summary>One writer, so what is said first goes out first.</summary>
        public Channel<string> Lines { get; } = Channel.CreateUnbounded<string>();

        public TimeSpan LastHeard { get; set; }
    }
}
