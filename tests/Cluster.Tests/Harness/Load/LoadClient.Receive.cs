using System.Buffers.Text;
using System.Text.Json;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <content>What the client hears, and what it does then.</content>
internal sealed partial class LoadClient
{
    private void OnFrame(Connection connection, string frame)
    {
        lock (_gate)
        {
            connection.LastHeard = _recorder.Now;
            foreach (var line in frame.Split('\n'))
            {
                using var json = JsonDocument.Parse(line);
                OnLine(connection, json.RootElement, line);
            }
        }

        Changed.Pulse();
    }

    private void OnLine(Connection connection, JsonElement root, string line)
    {
        switch (Text(root, "t"))
        {
            case "welcome":
                OnWelcome(root);
                break;
            case "joined":
                OnJoined(connection, root);
                break;
            case "msg":
                var (room, seq) = (_rooms[Text(root, "room")], root.GetProperty("seq").GetInt64());
                var seen = _recorder.Seen(room.Name, seq, line);
                _recorder.Add(at => new Fact.EventSeen(at, Name, connection.Number, room.Name, seen));
                room.Seq = seq;
                break;
            case "ack":
                OnAck(connection, root);
                break;
            case "error":
                OnError(root, line);
                break;
            case "reset":
                var reset = _rooms[Text(root, "room")];
                _recorder.Add(at => new Fact.ResetSeen(at, Name, reset.Name));
                Join(reset);
                break;
            case "presence":
                OnPresence(_rooms[Text(root, "room")], root);
                break;
            case "members":
                _rooms[Text(root, "room")].Listed = Names(root, "members");
                break;
            case "drain":
                _ = MoveLaterAsync(connection, TimeSpan.FromMilliseconds(_random.NextDouble() * root.GetProperty("afterMs").GetInt32()));
                break;
            case "kicked" or "notice":
                Broken("got " + line);
                break;
        }
    }

    private void OnWelcome(JsonElement root)
    {
        _session = Text(root, "session");

        // The journal knows a guest by the id in its session.
        var user = "g:" + Base64Url.EncodeToString(Base64Url.DecodeFromChars(_session).AsSpan(0, 16));
        _recorder.Add(at => new Fact.Welcomed(at, Name, user));
        foreach (var room in _rooms.Values)
            Join(room);
    }

    private void OnJoined(Connection connection, JsonElement root)
    {
        var room = _rooms[Text(root, "room")];
        if (room.Asked != root.GetProperty("id").GetInt64())
            return;
        var (log, seq, more) = (Text(root, "log"), root.GetProperty("seq").GetInt64(), root.GetProperty("more").GetBoolean());
        List<Fact.SeenEvent> events = [.. root.GetProperty("msgs").EnumerateArray().Select(m => _recorder.Seen(room.Name, m.GetProperty("seq").GetInt64(), m.GetRawText()))];
        _recorder.Add(at => new Fact.PageSeen(at, Name, connection.Number, room.Name, log, seq, root.GetProperty("recovered").GetBoolean(), more, events));
        (room.Log, room.Seq, room.IsLive) = (log, seq, !more);
        room.Told = root.TryGetProperty("members", out _) ? new SortedSet<string>(Names(root, "members"), StringComparer.Ordinal) : null;
        if (more)
            return;
        room.Asked = 0;
        foreach (var write in room.Unacked)
            Write(room, write);
    }

    private void OnAck(Connection connection, JsonElement root)
    {
        if (!_writes.Remove(root.GetProperty("id").GetInt64(), out var written))
        {
            Broken("got an ack that it did not wait for: " + root);
            return;
        }

        var (room, write) = written;
        if (Text(root, "mid") != write.Mid || Text(root, "room") != room.Name)
            Broken($"got an ack of another write than {write.Mid}: {root}");
        _recorder.Add(at => new Fact.Acked(at, Name, connection.Number, room.Name, write.Mid, root.GetProperty("seq").GetInt64()));
        write.Acknowledge(_recorder.Now);
        room.Unacked.Remove(write);
    }

    private void OnError(JsonElement root, string line)
    {
        var id = root.TryGetProperty("id", out var value) ? value.GetInt64() : 0;
        var after = TimeSpan.FromMilliseconds(root.TryGetProperty("retryMs", out var retry) ? retry.GetInt32() : 500);
        var temporary = root.GetProperty("temporary").GetBoolean();
        if (_writes.Remove(id, out var written))
        {
            _recorder.Add(at => new Fact.WriteRefused(at, Name, written.Room.Name, written.Write.Mid, Text(root, "code")));
            if (temporary)
                _ = AgainAsync(_connection!, after, () => WriteAgain(written.Room, written.Write));
            else if (Text(root, "code") != "not_joined")
                Broken($"was refused {written.Write.Mid}: {line}");
        }
        else if (_rooms.Values.FirstOrDefault(r => r.Asked == id) is { } room)
        {
            // A name is free again once the gateway where its connection was is known to be gone.
            if (temporary || Text(root, "code") == "name_taken")
                _ = AgainAsync(_connection!, after, () => Join(room));
            else
                Broken($"may not join {room.Name}: {line}");
        }
        else if (!temporary)
        {
            Broken("got an error: " + line);
        }
    }

    private async Task AgainAsync(Connection connection, TimeSpan after, Action action)
    {
        await Task.Delay(after, TimeProvider.System);
        lock (_gate)
        {
            if (_connection == connection)
                action();
        }
    }

    private static async Task MoveLaterAsync(Connection connection, TimeSpan after)
    {
        await Task.Delay(after, TimeProvider.System);
        connection.Wire.Reset();
    }

    private void WriteAgain(LoadRoom room, Publication write)
    {
        if (room.IsLive && room.Unacked.Contains(write))
            Write(room, write);
    }

    private static void OnPresence(LoadRoom room, JsonElement root)
    {
        if (room.Told is not { } told)
            return;
        told.UnionWith(Names(root, "join"));
        told.ExceptWith(Names(root, "leave"));
    }

    private static List<string> Names(JsonElement root, string field)
        => root.TryGetProperty(field, out var names) ? [.. names.EnumerateArray().Select(n => n.GetString()!).Order(StringComparer.Ordinal)] : [];

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString()!;
}
