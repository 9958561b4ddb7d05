using System.Text;
using System.Text.Json;

namespace ClusterChat.Protocol;

/// <summary>Turns the fields of a scanned line into a request, or into the first error that it has.</summary>
internal ref struct RequestReader
{
    private readonly ReadOnlySpan<byte> _line;
    private readonly ProtocolLimits _limits;
    private readonly string? _room;
    private FieldReader _fields;

    private RequestReader(ReadOnlySpan<byte> line, FieldTable fields, ProtocolLimits limits, string? room)
    {
        _room = room;
        _line = line;
        _limits = limits;
        _fields = new FieldReader(line, fields, prefix: "");
    }

    /// <param name="line">The line.</param>
    /// <param name="scanner">Has scanned it.</param>
    /// <param name="limits">The sizes to enforce.</param>
    /// <param name="room">Where it is a <c>send</c> by its place, to this room; null where the line says both.</param>
    public static ParsedRequest Read(ReadOnlySpan<byte> line, ref RequestScanner scanner, ProtocolLimits limits, string? room)
    {
        var reader = new RequestReader(line, scanner.Fields, limits, room);
        var id = reader._fields.OptionalInteger(RequestField.Id, 1, ProtocolLimits.MaxInteger);
        if (reader._fields.Error is { } badId)
            return new ParsedRequest(null, badId, null, Fatal: false, reader.IsHello());
        if (scanner.Fault != StringFault.None)
            return new ParsedRequest(null, Describe(scanner.Fault, scanner.FaultyField), id, Fatal: false, reader.IsHello());
        var request = room is null ? reader.Request(id) : reader.Send(id);
        return reader._fields.Error is { } error
            ? new ParsedRequest(null, error, id, Fatal: false, request is HelloRequest)
            : new ParsedRequest(request, null, id, Fatal: false, request is HelloRequest);
    }

    private static ProtocolError Describe(StringFault fault, RequestField field)
    {
        var where = field == RequestField.Unknown ? "a field" : RequestFields.Name(field);
        var what = fault == StringFault.Nul ? "NUL" : "a lone surrogate";
        return new ProtocolError(ErrorCode.BadRequest, $"{where}: must not contain {what}");
    }

    /// <summary>For a line that is not read any further.</summary>
    private bool IsHello() =>
        _fields.OptionalRaw(RequestField.Type, JsonTokenType.String, "a string") is { Escaped: false } type
        && _line.Slice(type.Start, type.Length).SequenceEqual("hello"u8);

    private ClientRequest? Request(long? id)
    {
        var type = Type();
        if (_fields.Error is not null)
            return null;
        if (type.SequenceEqual("send"u8))
            return Send(id);
        if (type.SequenceEqual("typing"u8))
            return new TypingRequest(id, Room());
        if (type.SequenceEqual("ping"u8))
            return new PingRequest(id);
        if (type.SequenceEqual("join"u8))
            return Join(id);
        if (type.SequenceEqual("leave"u8))
            return new LeaveRequest(id, Room());
        if (type.SequenceEqual("history"u8))
            return History(id);
        if (type.SequenceEqual("members"u8))
            return Members(id);
        if (type.SequenceEqual("rooms"u8))
            return Rooms(id);
        if (type.SequenceEqual("hello"u8))
            return Hello(id);
        _fields.Fail(ErrorCode.UnknownType, RequestField.Type, "no such request");
        return null;
    }

    private ReadOnlySpan<byte> Type()
    {
        var value = _fields.RequiredRaw(RequestField.Type, JsonTokenType.String, "a string");
        return value.Escaped
            ? Encoding.UTF8.GetBytes(JsonStrings.Decode(_line, value))
            : _line.Slice(value.Start, value.Length);
    }

    private HelloRequest Hello(long? id)
    {
        var name = _fields.OptionalString(RequestField.Name);
        if (name is not null)
            _fields.Require(ErrorCode.BadName, RequestField.Name, UserNames.Check(name, out name));
        return new HelloRequest(
            id, name, _fields.OptionalString(RequestField.Session), _fields.OptionalString(RequestField.Token));
    }

    private JoinRequest Join(long? id) => new(id, Room(), Since(), Limit(0, _limits.DefaultPageSize, _limits.MaxPageSize));

    private SendRequest Send(long? id)
    {
        var room = Room();
        var mid = _room is null ? _fields.RequiredString(RequestField.Mid) : _fields.OptionalString(RequestField.Mid) ?? "";
        if (mid.Length > 0 || _room is null)
            _fields.Require(ErrorCode.BadRequest, RequestField.Mid, Rules.CheckMid(mid));
        var reply = _fields.OptionalInteger(RequestField.Reply, 1, ProtocolLimits.MaxInteger);
        var data = Data();
        var text = _fields.RequiredString(RequestField.Text);
        _fields.Require(ErrorCode.BadRequest, RequestField.Text, Rules.CheckText(text, data.Length > 0));
        _fields.Require(ErrorCode.TooLong, RequestField.Text, Rules.CheckTextLength(text, _limits.MaxTextBytes));
        return new SendRequest(id, room, mid, text, reply, data);
    }

    private HistoryRequest History(long? id)
    {
        var room = Room();
        var before = _fields.OptionalInteger(RequestField.Before, 1, ProtocolLimits.MaxInteger);
        return new HistoryRequest(
            id, room, before ?? long.MaxValue, Limit(1, _limits.DefaultPageSize, _limits.MaxPageSize));
    }

    private MembersRequest Members(long? id) =>
        new(id, Room(), Cursor(RequestField.After), Limit(1, _limits.MaxMembersPageSize, _limits.MaxMembersPageSize));

    private RoomsRequest Rooms(long? id) =>
        new(id, Cursor(RequestField.Prefix), Cursor(RequestField.After), Limit(1, _limits.DefaultPageSize, _limits.MaxPageSize));

    private string Room()
    {
        var room = _room ?? _fields.RequiredString(RequestField.Room);
        _fields.Require(ErrorCode.BadRoom, RequestField.Room, Rules.CheckRoomName(room));
        return room;
    }

    private string Cursor(RequestField field)
    {
        var cursor = _fields.OptionalString(field) ?? "";
        _fields.Require(ErrorCode.BadRequest, field, Rules.CheckCursor(cursor));
        return cursor;
    }

    private int Limit(int min, int standard, int max) =>
        (int)(_fields.OptionalInteger(RequestField.Limit, min, max) ?? standard);

    private Position? Since()
    {
        if (_fields.OptionalRaw(RequestField.Since, JsonTokenType.StartObject, "an object") is not { } part)
            return null;
        var since = new FieldReader(_line, RequestScanner.Members(_line, part), prefix: "since.");
        var log = since.RequiredString(RequestField.Log);
        since.Require(ErrorCode.BadRequest, RequestField.Log, Rules.CheckLog(log));
        var seq = since.RequiredInteger(RequestField.Seq, 0, ProtocolLimits.MaxInteger);
        _fields.Fail(since.Error);
        return new Position(log, seq);
    }

    private byte[] Data()
    {
        if (_fields.OptionalRaw(RequestField.Data, JsonTokenType.StartObject, "an object") is not { } part)
            return [];
        var data = CompactJson.Rewrite(_line.Slice(part.Start, part.Length), _limits.MaxDepth);
        if (data.Length > _limits.MaxDataBytes)
            _fields.Fail(ErrorCode.TooLong, RequestField.Data, $"must not be longer than {_limits.MaxDataBytes} bytes of compact JSON");
        return data;
    }
}
