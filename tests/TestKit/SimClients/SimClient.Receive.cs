using System.Text.Json;

namespace ClusterChat.TestKit;

/// <content>What the client hears, and what it does then.</content>
internal sealed partial class SimClient
{
    public void OnOpen(VirtualWire wire)
    {
        _dial = null;
        if (IsDead)
        {
            wire.ClientVanish();
            return;
        }

        _wire = wire;
        MayHaveMissedPresence = false;
        _toSay.Clear();
        var session = _session is null ? "" : $",\"session\":\"{_session}\"";
        Say($"{{\"id\":{++_lastId},\"t\":\"hello\",\"name\":\"{ShownName}\"{session}}}");
        if (_isEager && _session is not null)
        {
            // It is known who it is: no need to wait for the welcome.
            _isReady = true;
            JoinAll();
        }

        Flush();
        LookAfter(wire);
    }

    public void OnRefused(VirtualDial dial)
    {
        _dial = null;
        _avoid = dial.Node;
        DialLater(TimeSpan.Zero);
    }

    public void OnEnd(VirtualWire wire, int? code)
    {
        if (wire == _wire && !IsDead)
        {
            _world.Trace($"{Name} lost wire {wire.Number}, code {code}");
            if (code is 3500 or 3501 or 3503 or 3504)
            {
                _world.Broken($"{Name} was closed with {code}");
            }

            _avoid = code == 3001 ? wire.Node.Name : null;
            End(wire, code, code == 3013 ? TimeSpan.FromSeconds(5) : TimeSpan.Zero);
        }
    }

    public void OnServerLine(VirtualWire wire, string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        switch (root.GetProperty("t").GetString())
        {
            case "ack":
                var (room, mid, seq) = (Text(root, "room"), Text(root, "mid"), root.GetProperty("seq").GetInt64());
                Tell(new Fact.AckWritten(Now, wire.Node.Id, Name, room, mid, seq, _session is { } s && _world.Store.Holds(room, UserOf(s), mid, seq)));
                break;
            case "error" when _requests.TryGetValue(IdOf(root), out var request) && request.Kind == RequestKind.Write:
                Tell(new Fact.WriteRefused(Now, Name, request.View.Room, request.Write!.Mid, Text(root, "code")));
                break;
        }
    }

    public void OnFrame(VirtualWire wire, string frame)
    {
        if (wire != _wire || IsDead)
        {
            return;
        }

        _world.Trace($"{Name} <- {frame}");
        foreach (var line in frame.Split('\n'))
        {
            using var json = JsonDocument.Parse(line);
            OnLine(json.RootElement, line);
        }

        Flush();
    }

    private void OnLine(JsonElement root, string line)
    {
        switch (Text(root, "t"))
        {
            case "welcome":
                OnWelcome(root);
                break;
            case "joined":
                OnJoined(root);
                break;
            case "msg":
                OnEvent(root, line);
                break;
            case "ack":
                OnAck(root);
                break;
            case "error":
                OnError(root, line);
                break;
            case "left" when _requests.Remove(IdOf(root), out var left) && left.Kind == RequestKind.Leave:
                _rooms.Remove(left.View.Room);
                Tell(new Fact.Left(Now, Name, left.View.Room));
                break;
            case "reset" when _rooms.TryGetValue(Text(root, "room"), out var view):
                OnReset(view);
                break;
            case "presence" when _rooms.TryGetValue(Text(root, "room"), out var view):
                OnPresence(view, root);
                break;
            case "drain":
                var drained = _wire!;
                var moment = _world.Random.Next(Math.Max(1, root.GetProperty("afterMs").GetInt32()));
                _world.Simulation.After(TimeSpan.FromMilliseconds(moment), () =>
                {
                    if (_wire == drained && !IsDead)
                    {
                        Move();
                    }
                });
                break;
            case "history" when _requests.Remove(IdOf(root), out var read):
                Tell(new Fact.HistorySeen(
                    Now, Name, read.View.Room, Text(root, "log"), read.Before, read.Limit, root.GetProperty("more").GetBoolean(), Events(root)));
                break;
            case "members" when _requests.Remove(IdOf(root), out var listed):
                listed.View.Listed = [.. root.GetProperty("members").EnumerateArray().Select(m => m.GetString()!)];
                break;
        }
    }

    private void OnReset(RoomView view)
    {
        Tell(new Fact.ResetSeen(Now, Name, view.Room));
        if (view is { Asked: not 0, IsPaging: false, IsLeaving: false })
        {
            // It ends what was before; the join under way is answered in its own right.
            view.IsLive = false;
            return;
        }

        view.OnDisconnected();
        Join(view, 0);
    }

    private void OnWelcome(JsonElement root)
    {
        _session = Text(root, "session");
        Tell(new Fact.Welcomed(Now, Name, UserOf(_session)));
        _failures = 0;
        if (!_isReady)
        {
            _isReady = true;
            JoinAll();
        }
    }

    private void JoinAll()
    {
        foreach (var view in _rooms.Values)
        {
            Join(view, 0);
        }
    }

    private void OnJoined(JsonElement root)
    {
        var id = IdOf(root);
        if (!_requests.TryGetValue(id, out var request) || request.Kind == RequestKind.Lie)
        {
            return;
        }

        var view = request.View;
        if (view.Asked != id)
        {
            _world.Broken($"{Name} got a page for the request {id}, which is over");
            return;
        }

        var more = root.GetProperty("more").GetBoolean();
        var (log, seq) = (Text(root, "log"), root.GetProperty("seq").GetInt64());
        Tell(new Fact.PageSeen(Now, Name, _wire!.Number, view.Room, log, seq, root.GetProperty("recovered").GetBoolean(), more, Events(root)));
        (view.Log, view.Seq, view.IsLive, view.IsPaging) = (log, seq, !more, more);
        view.Told = root.TryGetProperty("members", out var members)
            ? new SortedSet<string>(members.EnumerateArray().Select(m => m.GetString()!), StringComparer.Ordinal) : null;
        if (!more)
        {
            _requests.Remove(id);
            view.Asked = 0;
            Pump(view);
        }
    }

    private void OnEvent(JsonElement root, string line)
    {
        var (room, seq) = (Text(root, "room"), root.GetProperty("seq").GetInt64());
        Tell(new Fact.EventSeen(Now, Name, _wire!.Number, room, new Fact.SeenEvent(seq, line)));
        if (_rooms.TryGetValue(room, out var view))
        {
            view.Seq = seq;
        }
    }

    private void OnAck(JsonElement root)
    {
        if (_requests.Remove(IdOf(root), out var request))
        {
            var mid = Text(root, "mid");
            Tell(new Fact.Acked(Now, Name, _wire!.Number, request.View.Room, mid, root.GetProperty("seq").GetInt64()));
            request.View.Unacked.RemoveAll(w => w.Mid == mid);
            if (mid != request.Write!.Mid || Text(root, "room") != request.View.Room)
            {
                _world.Broken($"{Name} got an ack of another write than {request.Write.Mid}");
            }

            _windowNow = Math.Min(_window, _windowNow + 1);
            Pump(request.View);
        }
        else
        {
            _world.Broken($"{Name} got an ack that it did not wait for: {root}");
        }
    }

    private void OnError(JsonElement root, string line)
    {
        if (!_requests.Remove(IdOf(root), out var request))
        {
            _world.Broken($"{Name} got an error that nothing asked for: {line}");
            return;
        }

        var temporary = root.GetProperty("temporary").GetBoolean();
        var retryMs = root.TryGetProperty("retryMs", out var retry) ? retry.GetInt32() : 500;
        var (view, code) = (request.View, Text(root, "code"));
        switch (request.Kind)
        {
            case RequestKind.Join when code == "name_taken":
                _rooms.Remove(view.Room);
                Tell(new Fact.Left(Now, Name, view.Room));
                break;
            case RequestKind.Join when temporary:
                (view.IsLive, view.Asked) = (false, 0);
                Join(view, retryMs);
                break;
            case RequestKind.Leave when code == "not_joined":
                // A reset came first, and it joined again.
                break;
            case RequestKind.Leave when temporary:
                (view.Asked, view.IsLeaving) = (0, false);
                break;
            case RequestKind.Write when temporary || code == "not_joined":
                _windowNow = code == "rate_limited" ? 1 : _windowNow;
                WriteLater(view, request.Write!, retryMs);
                break;
            case RequestKind.Write when request.Write!.Text.Contains(SimStore.Poison, StringComparison.Ordinal):
                view.Unacked.Remove(request.Write);
                Pump(view);
                break;
            case RequestKind.History or RequestKind.Members when temporary || code == "not_joined":
            case RequestKind.Lie:
                break;
            default:
                _world.Broken($"{Name} got a refusal for good: {line}");
                break;
        }
    }

    /// <summary>Goes back to a write, and in one habit to all that were sent after it.</summary>
    private void WriteLater(RoomView view, PendingText write, int retryMs)
    {
        var from = view.Unacked.IndexOf(write);
        if (from < 0)
        {
            return;
        }

        foreach (var later in _goesBack ? view.Unacked.Skip(from) : [write])
        {
            later.IsSent = false;
        }

        var pause = TimeSpan.FromMilliseconds(retryMs);
        view.HeldUntil = Now + pause;
        _world.Simulation.After(pause, () => Flush(() => Pump(view)));
    }

    private static void OnPresence(RoomView view, JsonElement root)
    {
        if (view.Told is not { } told)
        {
            return;
        }

        if (!root.TryGetProperty("join", out var joined))
        {
            view.Told = null;
            return;
        }

        told.UnionWith(joined.EnumerateArray().Select(m => m.GetString()!));
        told.ExceptWith(root.GetProperty("leave").EnumerateArray().Select(m => m.GetString()!));
    }

    private void End(VirtualWire wire, int? code, TimeSpan pause)
    {
        Tell(new Fact.Disconnected(Now, Name, wire.Number, code));
        (_wire, _isReady) = (null, false);
        foreach (var view in _rooms.Values)
        {
            view.OnDisconnected();
        }

        DialLater(pause);
    }

    private void DialLater(TimeSpan pause)
    {
        var jitter = TimeSpan.FromMilliseconds(_world.Random.Next(20, 200 << Math.Min(_failures++, 3)));
        _world.Simulation.After(pause + jitter, Dial);
    }

    private static List<Fact.SeenEvent> Events(JsonElement root)
        => [.. root.GetProperty("msgs").EnumerateArray().Select(m => new Fact.SeenEvent(m.GetProperty("seq").GetInt64(), m.GetRawText()))];

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString()!;

    private static long IdOf(JsonElement root) => root.TryGetProperty("id", out var id) ? id.GetInt64() : 0;
}
