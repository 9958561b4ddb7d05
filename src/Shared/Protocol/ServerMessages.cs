namespace ClusterChat.Protocol;

/// <summary>
/// What a server sends: each method returns one compact JSON object, <c>t</c> first, without a line end, in an array
/// of its exact size that is the caller's to keep and to share. An <c>id</c> of null is left out.
/// </summary>
public static class ServerMessages
{
    /// <summary>The version of the protocol.</summary>
    public const int Version = 1;

    /// <summary>The reply to <c>hello</c>.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="user">The name that the client is shown by.</param>
    /// <param name="uid">Its identity, which stands beside that name in what it writes.</param>
    /// <param name="session">What makes it the same guest again.</param>
    /// <param name="node">The gateway's name.</param>
    /// <param name="pingMs">The ping interval in milliseconds.</param>
    /// <param name="maxTextBytes">The longest text in bytes of UTF-8.</param>
    public static byte[] Welcome(long? id, string user, string uid, string? session, string node, int pingMs, int maxTextBytes)
    {
        var line = new JsonLine("{\"t\":\"welcome\""u8);
        line.Id(id);
        line.Number(",\"v\":"u8, Version);
        line.String(",\"user\":"u8, user);
        line.String(",\"uid\":"u8, uid);
        if (session is not null)
            line.String(",\"session\":"u8, session);
        line.String(",\"node\":"u8, node);
        line.Number(",\"ping\":"u8, pingMs);
        line.Number(",\"max\":"u8, maxTextBytes);
        return line.End();
    }

    /// <summary>A page of the reply to <c>join</c>.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="room">The room.</param>
    /// <param name="log">The room's log.</param>
    /// <param name="seq">The number of the page's last event; of the final page, where live events go on.</param>
    /// <param name="recovered">Whether nothing is missing after the position that the client asked for.</param>
    /// <param name="msgs">Canonical event lines in order; written as they are.</param>
    /// <param name="more">Whether another page follows.</param>
    /// <param name="count">How many are in the room.</param>
    /// <param name="members">Their names; null where the room is too large to say.</param>
    public static byte[] Joined(
        long? id, string room, string log, long seq, bool recovered, IReadOnlyList<ReadOnlyMemory<byte>> msgs, bool more, int count, IReadOnlyList<string>? members)
    {
        var line = new JsonLine("{\"t\":\"joined\""u8);
        line.Id(id);
        line.String(",\"room\":"u8, room);
        line.String(",\"log\":"u8, log);
        line.Number(",\"seq\":"u8, seq);
        line.Bool(",\"recovered\":"u8, recovered);
        line.RawItems(",\"msgs\":"u8, msgs);
        line.Bool(",\"more\":"u8, more);
        line.Number(",\"count\":"u8, count);
        if (members is not null)
            line.Strings(",\"members\":"u8, members);
        return line.End();
    }

    /// <summary>The reply to a write: it is durable.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="room">The room.</param>
    /// <param name="mid">The client's own id of the write.</param>
    /// <param name="seq">The number that it has.</param>
    /// <param name="ts">Unix time in milliseconds.</param>
    /// <param name="dup">Whether an earlier request had written it already.</param>
    public static byte[] Ack(long? id, string room, string mid, long seq, long ts, bool dup)
    {
        var line = new JsonLine("{\"t\":\"ack\""u8);
        line.Id(id);
        line.String(",\"room\":"u8, room);
        line.String(",\"mid\":"u8, mid);
        line.Number(",\"seq\":"u8, seq);
        line.Number(",\"ts\":"u8, ts);
        line.Bool(",\"dup\":"u8, dup);
        return line.End();
    }

    /// <summary>The reply to <c>history</c>.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="room">The room.</param>
    /// <param name="log">The room's log.</param>
    /// <param name="msgs">Canonical event lines in order; written as they are.</param>
    /// <param name="more">Whether older ones exist.</param>
    public static byte[] History(long? id, string room, string log, IReadOnlyList<ReadOnlyMemory<byte>> msgs, bool more)
    {
        var line = new JsonLine("{\"t\":\"history\""u8);
        line.Id(id);
        line.String(",\"room\":"u8, room);
        line.String(",\"log\":"u8, log);
        line.RawItems(",\"msgs\":"u8, msgs);
        line.Bool(",\"more\":"u8, more);
        return line.End();
    }

    /// <summary>The reply to <c>members</c>.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="room">The room.</param>
    /// <param name="count">How many are in the room.</param>
    /// <param name="members">The names of the page.</param>
    /// <param name="more">Whether further ones exist.</param>
    public static byte[] Members(long? id, string room, int count, IReadOnlyList<string> members, bool more)
    {
        var line = new JsonLine("{\"t\":\"members\""u8);
        line.Id(id);
        line.String(",\"room\":"u8, room);
        line.Number(",\"count\":"u8, count);
        line.Strings(",\"members\":"u8, members);
        line.Bool(",\"more\":"u8, more);
        return line.End();
    }

    /// <summary>The reply to <c>rooms</c>.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="rooms">The rooms of the page.</param>
    /// <param name="more">Whether further ones exist.</param>
    public static byte[] Rooms(long? id, IReadOnlyList<RoomSummary> rooms, bool more)
    {
        var line = new JsonLine("{\"t\":\"rooms\""u8);
        line.Id(id);
        line.Raw(",\"rooms\":["u8);
        for (var i = 0; i < rooms.Count; i++)
        {
            line.String(i == 0 ? "{\"room\":"u8 : ",{\"room\":"u8, rooms[i].Room);
            line.Number(",\"count\":"u8, rooms[i].Count);
            line.Number(",\"seq\":"u8, rooms[i].Seq);
            line.Raw("}"u8);
        }

        line.Raw("]"u8);
        line.Bool(",\"more\":"u8, more);
        return line.End();
    }

    /// <summary>One room by itself, for the HTTP API.</summary>
    public static byte[] Room(RoomSummary room)
    {
        var line = new JsonLine("{\"t\":\"room\""u8);
        line.String(",\"room\":"u8, room.Room);
        line.Number(",\"count\":"u8, room.Count);
        line.Number(",\"seq\":"u8, room.Seq);
        return line.End();
    }

    /// <summary>The reply to <c>leave</c>.</summary>
    public static byte[] Left(long? id, string room)
    {
        var line = new JsonLine("{\"t\":\"left\""u8);
        line.Id(id);
        line.String(",\"room\":"u8, room);
        return line.End();
    }

    /// <summary>The reply to <c>ping</c>.</summary>
    public static byte[] Pong(long? id)
    {
        var line = new JsonLine("{\"t\":\"pong\""u8);
        line.Id(id);
        return line.End();
    }

    /// <summary>A refusal.</summary>
    public static byte[] Error(long? id, ProtocolError error)
    {
        var line = new JsonLine("{\"t\":\"error\""u8);
        line.Id(id);
        line.String(",\"code\":"u8, ErrorCodes.Name(error.Code));
        line.String(",\"message\":"u8, error.Message);
        line.Bool(",\"temporary\":"u8, error.IsTemporary);
        if (error.RetryMs > 0)
            line.Number(",\"retryMs\":"u8, error.RetryMs);
        return line.End();
    }

    /// <summary>Someone is typing.</summary>
    /// <param name="room">The room.</param>
    /// <param name="from">Its shown name.</param>
    /// <param name="uid">Its identity; empty where a node of an earlier version did not say it.</param>
    public static byte[] Typing(string room, string from, string uid)
    {
        var line = new JsonLine("{\"t\":\"typing\""u8);
        line.String(",\"room\":"u8, room);
        line.String(",\"from\":"u8, from);
        if (uid.Length > 0)
            line.String(",\"uid\":"u8, uid);
        return line.End();
    }

    /// <summary>Who came and went.</summary>
    /// <param name="room">The room.</param>
    /// <param name="join">Those who came; null where the room is too large to say.</param>
    /// <param name="leave">Those who left; null where the room is too large to say.</param>
    /// <param name="count">How many are in the room now.</param>
    public static byte[] Presence(string room, IReadOnlyList<string>? join, IReadOnlyList<string>? leave, int count)
    {
        var line = new JsonLine("{\"t\":\"presence\""u8);
        line.String(",\"room\":"u8, room);
        if (join is not null)
            line.Strings(",\"join\":"u8, join);
        if (leave is not null)
            line.Strings(",\"leave\":"u8, leave);
        line.Number(",\"count\":"u8, count);
        return line.End();
    }

    /// <summary>The gateway cannot go on without a hole: the client must join again.</summary>
    public static byte[] Reset(string room)
    {
        var line = new JsonLine("{\"t\":\"reset\""u8);
        line.String(",\"room\":"u8, room);
        return line.End();
    }

    /// <summary>The client is in the room no longer.</summary>
    /// <param name="room">The room.</param>
    /// <param name="code"><c>kicked</c>, <c>banned</c> or <c>deleted</c>.</param>
    /// <param name="message">For people.</param>
    public static byte[] Kicked(string room, string code, string message)
    {
        var line = new JsonLine("{\"t\":\"kicked\""u8);
        line.String(",\"room\":"u8, room);
        line.String(",\"code\":"u8, code);
        line.String(",\"message\":"u8, message);
        return line.End();
    }

    /// <summary>From the operator to everyone.</summary>
    public static byte[] Notice(string text)
    {
        var line = new JsonLine("{\"t\":\"notice\""u8);
        line.String(",\"text\":"u8, text);
        return line.End();
    }

    /// <summary>This gateway is leaving.</summary>
    /// <param name="afterMs">Within how many milliseconds the client is to connect to another one.</param>
    public static byte[] Drain(int afterMs)
    {
        var line = new JsonLine("{\"t\":\"drain\""u8);
        line.Number(",\"afterMs\":"u8, afterMs);
        return line.End();
    }

    /// <summary>The canonical line of a message, which is stored and sent as it is.</summary>
    /// <param name="room">The room.</param>
    /// <param name="seq">Its number in the room.</param>
    /// <param name="mid">The author's own id of the write.</param>
    /// <param name="from">The author's shown name.</param>
    /// <param name="uid">The author's identity: two may have one name.</param>
    /// <param name="ts">Unix time in milliseconds.</param>
    /// <param name="text">The text.</param>
    /// <param name="reply">The number of the message that it answers.</param>
    /// <param name="data"><see cref="SendRequest.Data"/>: written as it is; empty where there is none.</param>
    public static byte[] MessageEvent(
        string room, long seq, string mid, string from, string uid, long ts, string text, long? reply, ReadOnlySpan<byte> data)
    {
        var line = new JsonLine("{\"t\":\"msg\""u8);
        line.String(",\"room\":"u8, room);
        line.Number(",\"seq\":"u8, seq);
        line.String(",\"mid\":"u8, mid);
        line.String(",\"from\":"u8, from);
        line.String(",\"uid\":"u8, uid);
        line.Number(",\"ts\":"u8, ts);
        line.String(",\"text\":"u8, text);
        if (reply is { } number)
            line.Number(",\"reply\":"u8, number);
        if (!data.IsEmpty)
        {
            line.Raw(",\"data\":"u8);
            line.Raw(data);
        }

        return line.End();
    }
}
