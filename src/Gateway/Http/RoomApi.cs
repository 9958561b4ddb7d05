using System.Globalization;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Identity;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ClusterChat.Gateway.Http;

/// <summary>The HTTP API of rooms; protocol, section 7.</summary>
internal sealed partial class RoomApi
{
    private static readonly ProtocolError NameRequired = new(ErrorCode.BadName, "X-Guest-Name is required.");
    private static readonly ProtocolError NoList = new(ErrorCode.Unavailable, "The list cannot be read right now.", 1000);
    private readonly ConnectionServices _services;
    private readonly ApiIdentity _identity;

    public RoomApi(ConnectionServices services, RequestCredentials credentials)
    {
        _services = services;
        _identity = new ApiIdentity(services.Authenticator, credentials);
    }

    public void Map(IEndpointRouteBuilder app)
    {
        var rooms = app.MapGroup("/api/rooms");
        rooms.MapRead("", ListRoomsAsync);
        rooms.MapRead("/{room}", context => WithRoom(context, (http, room, who) => WithPermit(http, who, () => DescribeAsync(http, room))));
        rooms.MapRead("/{room}/members", context => WithRoom(context, (http, room, who) => WithPermit(http, who, () => ListMembersAsync(http, room, who))));
        rooms.MapRead("/{room}/messages", context => WithRoom(context, ReadAsync));
        rooms.MapPost("/{room}/messages", context => WithRoom(context, SendAsync));
    }

    /// <summary>Checks the room and the identity, then goes on.</summary>
    internal async Task WithRoom(HttpContext context, Func<HttpContext, string, ClientIdentity?, Task> handle)
    {
        var room = (string)context.Request.RouteValues["room"]!;
        if (Rules.CheckRoomName(room) is { } wrong)
        {
            await Problems.WriteAsync(context, new ProtocolError(ErrorCode.BadRoom, "room: " + wrong));
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        var (who, refused) = await IdentifyAsync(context);
        if ((refused ?? who?.Refuse(room)) is { } error)
        {
            await Problems.WriteAsync(context, error);
            return;
        }

        await handle(context, room, who);
    }

    /// <summary>Reads an integer of the query.</summary>
    /// <exception cref="BadHttpRequestException">It is none, or out of range.</exception>
    internal static long Integer(HttpContext context, string name, long standard, long min, long max)
    {
        var text = context.Request.Query[name].ToString();
        if (text.Length == 0)
        {
            return standard;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new BadHttpRequestException($"{name}: must be an integer from {min} to {max}");
    }

    /// <summary>Reads what names in a list begin with, or come after.</summary>
    /// <exception cref="BadHttpRequestException">No name can.</exception>
    private static string Cursor(HttpContext context, string name)
    {
        var cursor = context.Request.Query[name].ToString();
        return Rules.CheckCursor(cursor) is { } wrong ? throw new BadHttpRequestException($"{name}: {wrong}") : cursor;
    }

    /// <summary>To check a signature costs more than to ask for it.</summary>
    private ValueTask<Admission> IdentifyAsync(HttpContext context)
        => _services.Limits.Request(context.Connection.RemoteIpAddress) is { } tooMany ? new(tooMany) : _identity.OfAsync(context);

    private async Task SendAsync(HttpContext context, string room, ClientIdentity? who)
    {
        if (who?.Member is not { } member)
        {
            await Problems.WriteAsync(context, NameRequired);
            return;
        }

        if (await RequestBody.ReadAsync(context, _services.Protocol.MaxFrameBytes, _services.Input) is not { } body)
        {
            return;
        }

        var parsed = _services.Parser.ParseSend(room, body);
        if (parsed.Error is { } error)
        {
            await Problems.WriteAsync(context, error);
            return;
        }

        // A guest that sends no session of its own is a new one each time.
        if (_services.Limits.Send(context.Connection.RemoteIpAddress, who.IsNew ? null : member.User) is { } tooFast)
        {
            await Problems.WriteAsync(context, tooFast);
            return;
        }

        var send = (SendRequest)parsed.Request!;
        var mid = send.Mid.Length > 0 ? send.Mid : _services.NewMid();
        var query = new RoomQuery(Origin(context, who), _services.Audit, who.SessionId, context.Connection.RemoteIpAddress);
        _services.Rooms.Tell(new WriteRoom(query, null, room, member, Visitor: true, mid, new MessageContent(send.Text, send.Reply, send.Data)));
        var answer = await query.Answer;
        await WriteAsync(context, answer, answer.Ack);
    }

    private async Task ListMembersAsync(HttpContext context, string room, ClientIdentity? who)
    {
        var max = _services.Protocol.MaxMembersPageSize;
        var limit = (int)Integer(context, "limit", max, 1, max);
        var after = Cursor(context, "after");
        var answer = await AskAsync(Origin(context, who), query => new ReadMembers(query, null, room, Visitor: true, after, limit));
        await WriteAsync(context, answer, answer.Members is { } page
            ? ServerMessages.Members(null, room, page.Count, page.Names, page.More)
            : null);
    }

    private async Task DescribeAsync(HttpContext context, string room)
    {
        if (await ListAsync(context, room, string.Empty, 1) is not { } listing)
        {
            await Problems.WriteAsync(context, NoList);
        }
        else if (listing.Rooms is [var found] && found.Room == room)
        {
            await WriteJsonAsync(context, ServerMessages.Room(new RoomSummary(found.Room, found.Count, found.Seq)));
        }
        else
        {
            await Problems.WriteAsync(context, new ProtocolError(ErrorCode.NotFound, "There is no such room."));
        }
    }

    /// <summary>The list of rooms.</summary>
    internal async Task ListRoomsAsync(HttpContext context)
    {
        var (who, refused) = await IdentifyAsync(context);
        if (refused is { } error)
        {
            await Problems.WriteAsync(context, error);
            return;
        }

        await WithPermit(context, who, () => ListRoomsAsync(context, who));
    }

    private async Task ListRoomsAsync(HttpContext context, ClientIdentity? who)
    {
        var limits = _services.Protocol;
        var limit = (int)Integer(context, "limit", limits.DefaultPageSize, 1, limits.MaxPageSize);
        context.Response.Headers.CacheControl = "no-store";
        if (await ListAsync(context, Cursor(context, "prefix"), Cursor(context, "after"), limit) is not { } listing)
        {
            await Problems.WriteAsync(context, NoList);
            return;
        }

        await WriteJsonAsync(context, ServerMessages.Rooms(
            null, [.. listing.Rooms.Where(r => who?.Rooms.Allows(r.Room) != false).Select(r => new RoomSummary(r.Room, r.Count, r.Seq))], listing.More));
    }

    /// <returns>Null where the list cannot be read: the journal has logged why.</returns>
    private async ValueTask<RoomListing?> ListAsync(HttpContext context, string prefix, string after, int limit)
    {
        try
        {
            return await _services.Cluster.ListRoomsAsync(prefix, after, limit, context.RequestAborted);
        }
        catch (Exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    // A guest without a session is a new one each time.
    private static RoomOrigin Origin(HttpContext context, ClientIdentity? who)
        => new(AddressKey.Of(context.Connection.RemoteIpAddress), who is { IsNew: false } ? who.Member.User : null);

    private Task<RoomAnswer> AskAsync(RoomOrigin origin, Func<RoomQuery, RoomCall> call)
    {
        var query = new RoomQuery(origin);
        _services.Rooms.Tell(call(query));
        return query.Answer;
    }

    private static Task WriteAsync(HttpContext context, RoomAnswer answer, byte[]? json)
        => json is not null
            ? WriteJsonAsync(context, json)
            : Problems.WriteAsync(context, answer.Error ?? new ProtocolError(ErrorCode.Unavailable, "No answer.", 1000));

    private static async Task WriteJsonAsync(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
