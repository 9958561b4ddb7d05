using System.Buffers.Text;
using System.Text.Json;

namespace ClusterChat.TestKit;

/// <summary>
/// A client as a good library makes one: it reconnects and resumes, sends again what was not acked, in order and under
/// the same ids, and believes only what the protocol says. `SimClient.Receive.cs` has what it hears.
/// </summary>
internal sealed partial class SimClient : IWireClient
{
    // Whoever types waits when nothing is acked.
    private const int MaxUnacked = 30;
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly SimWorld _world;
    private readonly SortedDictionary<string, RoomView> _rooms = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Request> _requests = [];
    private readonly bool _isEager;
    private readonly bool _goesBack;
    private readonly int _window;
    private int _windowNow;
    private string? _session;
    private VirtualWire? _wire;
    private bool _isReady;
    private VirtualDial? _dial;
    private string? _avoid;
    private long _lastId;
    private int _lastMid;
    private int _failures;

    public SimClient(SimWorld world, string name, string shownName, string? session)
    {
        _world = world;
        Name = name;
        ShownName = shownName;
        _session = session;
        _isEager = world.Random.Next(2) == 0;
        _goesBack = world.Random.Next(2) == 0;
        _window = _windowNow = world.Random.Next(1, 20);
        if (session is not null)
        {
            Tell(new Fact.Welcomed(Now, name, UserOf(session)));
        }
    }

    /// <summary>Tells it from all others of the run.</summary>
    public string Name { get; }

    /// <summary>What others see.</summary>
    public string ShownName { get; }

    /// <summary>What makes another client the same guest.</summary>
    public string? Session => _session;

    /// <summary>It is gone for good.</summary>
    public bool IsDead { get; private set; }

    /// <summary>It read too slowly on this connection to be told who came and went.</summary>
    public bool MayHaveMissedPresence { get; private set; }

    public IEnumerable<RoomView> Rooms => _rooms.Values;

    public VirtualWire? Wire => _wire;

    /// <summary>Connected, in all of its rooms, and nothing waits for an ack.</summary>
    public bool IsSettled => IsDead || (_isReady && _rooms.Values.All(r => r is { IsLive: true, Asked: 0, Unacked.Count: 0 }));

    private TimeSpan Now => _world.Simulation.Clock.Elapsed;

    /// <summary>Wants to be connected from now on.</summary>
    public void Dial()
    {
        if (!IsDead && _dial is null && _wire is null)
        {
            var dial = _dial = new VirtualDial(this, _world.PickGateway(_avoid));
            _world.Network.Dial(dial);
            _world.Simulation.After(DialTimeout, () =>
            {
                if (dial.End())
                {
                    OnRefused(dial);
                }
            });
        }
    }

    public void Enter(string room)
    {
        if (!_rooms.ContainsKey(room))
        {
            _rooms.Add(room, new RoomView(room));
            if (_isReady)
            {
                Flush(() => Join(_rooms[room], 0));
            }
        }
    }

    /// <summary>Leaves a room; what is unacked there is given up.</summary>
    public void Leave(string room)
    {
        if (_rooms.TryGetValue(room, out var view) && view is { IsLive: true, Asked: 0, Unacked.Count: 0 })
        {
            view.IsLeaving = true;
            view.Asked = Ask(RequestKind.Leave, view, null, $"\"t\":\"leave\",\"room\":\"{room}\"");
            Flush();
        }
    }

    /// <summary>Joins a room again that it is in.</summary>
    public void Rejoin(string room)
    {
        if (_rooms.TryGetValue(room, out var view) && view is { IsLive: true, Asked: 0 })
        {
            Flush(() => Join(view, 0));
        }
    }

    public void Write(string room, int count, Func<string> text)
    {
        if (!IsDead && _rooms.TryGetValue(room, out var view) && !view.IsLeaving && view.Unacked.Count < MaxUnacked)
        {
            for (var i = 0; i < count; i++)
            {
                view.Unacked.Add(new PendingText($"{Name}-{++_lastMid}", text()));
            }

            Flush(() => Pump(view));
        }
    }

    public void ReadHistory(string room)
    {
        if (_rooms.TryGetValue(room, out var view) && view is { IsLive: true, Seq: > 0 })
        {
            var before = _world.Random.NextInt64(2, view.Seq + 2);
            var limit = _world.Random.Next(1, 30);
            Ask(RequestKind.History, view, null, $"\"t\":\"history\",\"room\":\"{room}\",\"before\":{before},\"limit\":{limit}", before, limit);
            Flush();
        }
    }

    public void ListMembers(string room)
    {
        if (_rooms.TryGetValue(room, out var view) && view.IsLive)
        {
            Ask(RequestKind.Members, view, null, $"\"t\":\"members\",\"room\":\"{room}\",\"limit\":200");
            Flush();
        }
    }

    public void Type(string room)
    {
        if (_isReady && _rooms.TryGetValue(room, out var view) && view.IsLive)
        {
            Say($"{{\"t\":\"typing\",\"room\":\"{room}\"}}");
            Flush();
        }
    }

    /// <summary>Asks for a position that is beyond the end of a room that it is not in.</summary>
    public void Lie(RoomView of)
    {
        if (_isReady && of.Log is { } log && !_rooms.ContainsKey(of.Room))
        {
            Say($"{{\"id\":{++_lastId},\"t\":\"join\",\"room\":\"{of.Room}\",\"since\":{{\"log\":\"{log}\",\"seq\":{of.Seq + 1000}}}}}");
            Say($"{{\"id\":{++_lastId},\"t\":\"leave\",\"room\":\"{of.Room}\"}}");
            _requests[_lastId - 1] = _requests[_lastId] = new Request(RequestKind.Lie, of, null, 0, 0);
            Flush();
        }
    }

    /// <summary>Closes and goes to another gateway.</summary>
    public void Move()
    {
        if (_wire is { } wire)
        {
            _avoid = wire.Node.Name;
            wire.ClientClose();
            End(wire, null, TimeSpan.Zero);
        }
    }

    /// <summary>The wire breaks; it comes back by itself.</summary>
    public void Cut() => _wire?.Cut();

    /// <summary>Closes properly and comes back later.</summary>
    public void Pause(TimeSpan time)
    {
        if (_wire is { } wire)
        {
            wire.ClientClose();
            End(wire, null, time);
        }
    }

    // A gateway that answers nothing for so long is given up.
    private void LookAfter(VirtualWire wire) => _world.Simulation.After(LookInterval, () =>
    {
        if (wire != _wire || IsDead)
        {
            return;
        }

        var silence = wire.IsReading ? Now - wire.HeardAt : TimeSpan.Zero;
        if (silence > _world.Silence)
        {
            _world.Trace($"{Name} hears nothing of {wire.Node.Name} on wire {wire.Number}");
            Move();
            return;
        }

        if (silence > _world.Silence / 2)
        {
            Say($"{{\"id\":{++_lastId},\"t\":\"ping\"}}");
            Flush();
        }

        LookAfter(wire);
    });

    /// <summary>Stops reading for a while.</summary>
    public void Sleep(TimeSpan time)
    {
        if (_wire is { } wire)
        {
            _world.Trace($"{Name} reads nothing for {time.TotalSeconds:0.0} s");
            wire.IsReading = false;
            MayHaveMissedPresence = true;
            _world.Simulation.After(time, () => wire.IsReading = true);
        }
    }

    /// <summary>Is gone for good, without a word.</summary>
    public void Crash(bool noticed)
    {
        _world.Trace($"{Name} crashes");
        IsDead = true;
        if (noticed)
        {
            _wire?.ClientClose();
        }
        else
        {
            _wire?.ClientVanish();
        }

        if (_wire is { } wire)
        {
            Tell(new Fact.Disconnected(Now, Name, wire.Number, null));
        }

        _wire = null;
        _isReady = false;
    }

    private void Join(RoomView view, int delayMs)
    {
        if (delayMs > 0)
        {
            // Reserved, so that nobody else asks meanwhile.
            var wire = _wire;
            view.Asked = -1;
            _world.Simulation.After(TimeSpan.FromMilliseconds(delayMs), () =>
            {
                if (_wire == wire && wire is not null && view.Asked == -1)
                {
                    Flush(() => Join(view, 0));
                }
            });
            return;
        }

        var since = view.Log is { } log ? $",\"since\":{{\"log\":\"{log}\",\"seq\":{view.Seq}}}" : $",\"limit\":{_world.Random.Next(0, 60)}";
        view.Asked = Ask(RequestKind.Join, view, null, $"\"t\":\"join\",\"room\":\"{view.Room}\"{since}");
        Tell(new Fact.JoinAsked(Now, Name, _wire!.Number, view.Room, view.Log, view.Seq));
        if (_isEager)
        {
            Pump(view);
        }
    }

    /// <summary>Sends what is not on its way, in order.</summary>
    private void Pump(RoomView view)
    {
        if (!_isReady || view.HeldUntil > Now || view.IsLeaving || !(view.IsLive || (_isEager && view.Asked > 0)))
        {
            return;
        }

        var underway = view.Unacked.Count(w => w.IsSent);
        foreach (var write in view.Unacked.Where(w => !w.IsSent).Take(Math.Max(0, _windowNow - underway)).ToList())
        {
            write.IsSent = true;
            Tell(new Fact.Sent(Now, Name, _wire!.Number, view.Room, write.Mid, write.Text));
            Ask(RequestKind.Write, view, write, $"\"t\":\"send\",\"room\":\"{view.Room}\",\"mid\":\"{write.Mid}\",\"text\":{JsonSerializer.Serialize(write.Text)}");
        }
    }

    private readonly List<string> _toSay = [];

    private void Say(string line) => _toSay.Add(line);

    private void Flush(Action? first = null)
    {
        first?.Invoke();
        if (_toSay.Count > 0 && _wire is { } wire)
        {
            var frame = string.Join('\n', _toSay);
            _world.Trace($"{Name} -> {frame}");
            wire.ClientSend(frame);
        }

        _toSay.Clear();
    }

    private long Ask(RequestKind kind, RoomView view, PendingText? write, string fields, long before = 0, int limit = 0)
    {
        if (!_isReady)
        {
            return 0;
        }

        var id = ++_lastId;
        _requests.Add(id, new Request(kind, view, write, before, limit));
        Say($"{{\"id\":{id},{fields}}}");
        return id;
    }

    private void Tell(Fact fact) => _world.Facts.Add(fact);

    private static string UserOf(string session) => "g:" + Base64Url.EncodeToString(Base64Url.DecodeFromChars(session).AsSpan(0, 16));

    private enum RequestKind
    {
        Join,
        Leave,
        Write,
        History,
        Members,
        Lie,
    }

    private sealed record Request(RequestKind Kind, RoomView View, PendingText? Write, long Before, int Limit);
}
