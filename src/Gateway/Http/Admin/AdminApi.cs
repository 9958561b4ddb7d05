using System.Text.Json;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Diagnostics;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Http.Admin;

/// <summary>What operators do; protocol, section 7. Any node takes it, and all gateways carry it out.</summary>
public sealed class AdminApi
{
    private const int MaxNoticeBytes = 4096;

    private readonly AdminKeys _keys;
    private readonly IGatewayOrders _gateways;
    private readonly GatewayCalls _calls;
    private readonly IRoomDeleter _rooms;
    private readonly BlockApi _blocks;
    private readonly AuditApi _messages;
    private readonly ILogger _audit;
    private readonly OperatorDoor _door;

    /// <summary>Creates it.</summary>
    /// <param name="keys">Who may.</param>
    /// <param name="gateways">The way to the gateways.</param>
    /// <param name="rooms">Deletes rooms.</param>
    /// <param name="abuse">What the node has against abuse.</param>
    /// <param name="clock">The clock of limits and of blocks.</param>
    /// <param name="loggers">The log.</param>
    public AdminApi(AdminKeys keys, IGatewayOrders gateways, IRoomDeleter rooms, AbuseSetup abuse, TimeProvider clock, ILoggerFactory loggers)
    {
        _keys = keys;
        _gateways = gateways;
        _calls = new GatewayCalls(gateways);
        _rooms = rooms;
        _blocks = new BlockApi(abuse, _calls, clock);
        _messages = new AuditApi(abuse.Audit);
        _audit = loggers.CreateLogger(AuditLog.Category);
        _door = new OperatorDoor(keys, clock, _audit);
    }

    /// <summary>Adds the endpoints; none without keys.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        if (_keys.IsEmpty)
        {
            return;
        }

        var admin = app.MapGroup("/api/admin");
        admin.MapRead("/connections", context => RunAsync(context, "list connections", ListAsync));
        admin.MapPost("/users/{user}/disconnect", context => RunAsync(context, "disconnect", DisconnectAsync));
        admin.MapDelete("/rooms/{room}", context => RunAsync(context, "delete room", DeleteAsync));
        admin.MapPost("/notice", context => RunAsync(context, "notice", NoticeAsync));
        admin.MapPost("/blocks", context => RunAsync(context, "block", _blocks.PutAsync));
        admin.MapRead("/blocks", context => RunAsync(context, "list blocks", _blocks.ListAsync));
        admin.MapDelete("/blocks", context => RunAsync(context, "unblock", _blocks.DeleteAsync));
        admin.MapPost("/sessions/{session}/end", context => RunAsync(context, "end session", _blocks.EndSessionAsync));
        admin.MapRead("/audit", context => RunAsync(context, "read audit", _messages.ReadAsync));
    }

    /// <summary>Keeps pages, which stand among the clients' endpoints, to requests of this machine and to who shows a key.</summary>
    public void Guard(IEndpointConventionBuilder pages) => _door.Guard(pages);

    private Task RunAsync(HttpContext context, string action, Func<HttpContext, Task<AdminResult>> handle)
        => RunAsync(context, action, (http, _) => handle(http));

    /// <param name="context">The request.</param>
    /// <param name="action">What is asked for, for the audit log.</param>
    /// <param name="handle">Does it; gets the request and the name of the key.</param>
    private async Task RunAsync(HttpContext context, string action, Func<HttpContext, string, Task<AdminResult>> handle)
    {
        var from = context.Connection.RemoteIpAddress;
        context.Response.Headers.CacheControl = "no-store";
        if (_door.Refuse(context, action, out var key) is { } refused)
        {
            await Problems.WriteAsync(context, refused);
            return;
        }

        AdminResult result;
        try
        {
            result = await handle(context, key);
        }
        catch (BadHttpRequestException error)
        {
            result = new AdminResult(string.Empty, new ProtocolError(ErrorCode.BadRequest, error.Message));
        }
        catch (StoreUnavailableException)
        {
            result = new AdminResult(string.Empty, new ProtocolError(ErrorCode.Unavailable, "The database did not answer: it is not known whether it was done; try again.", 1000));
        }

        _audit.Operated(key, from, action, result.Target, result.Error?.Message ?? result.Text);
        if (result.Error is { } wrong)
        {
            await Problems.WriteAsync(context, wrong);
            return;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        result.Write(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private async Task<AdminResult> DisconnectAsync(HttpContext context)
    {
        var user = (string)context.Request.RouteValues["user"]!;
        return await _calls.TellAllAsync(LogText.Value(user), new DisconnectUser(user), "disconnected");
    }

    private async Task<AdminResult> DeleteAsync(HttpContext context)
    {
        var room = (string)context.Request.RouteValues["room"]!;
        if (Rules.CheckRoomName(room) is { } wrong)
        {
            return new AdminResult(LogText.Value(room), new ProtocolError(ErrorCode.BadRoom, "room: " + wrong));
        }

        if (!_rooms.IsKept(room))
        {
            return new AdminResult(room, new ProtocolError(ErrorCode.BadRequest, "The room is kept in memory only: it has no history to delete."));
        }

        // Once begun it is not given up half way because the operator's connection breaks.
        return await _rooms.DeleteAsync(room, CancellationToken.None) switch
        {
            true => new AdminResult(room, "deleted", json => json.WriteBoolean("deleted"u8, true)),
            false => new AdminResult(room, new ProtocolError(ErrorCode.NotFound, "There is no such room.")),
            null => new AdminResult(room, new ProtocolError(ErrorCode.Unavailable, "It is not known whether the room was deleted; try again.", 1000)),
        };
    }

    private async Task<AdminResult> NoticeAsync(HttpContext context)
    {
        var text = AdminBody.Text(await AdminBody.ReadAsync(context), "text");
        return Rules.CheckText(text, hasData: false) is { } wrong ? throw new BadHttpRequestException("text: " + wrong)
            : Rules.CheckTextLength(text, MaxNoticeBytes) is { } tooLong ? throw new BadHttpRequestException("text: " + tooLong)
            : await _calls.TellAllAsync(LogText.Quoted(text), new SendNotice(text), "shown");
    }

    /// <summary>One gateway after the other, in the order of their names; the cursor is <c>node/number</c>.</summary>
    private async Task<AdminResult> ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = (int)RoomApi.Integer(context, "limit", 100, 1, 1000);
        var (fromNode, fromId) = Cursor(query["after"].ToString());
        string? user = Given("user"), room = Given("room"), node = Given("node");
        var gateways = _gateways.Gateways.Where(g => (node is null || g.Name == node) && string.CompareOrdinal(g.Name, fromNode) >= 0).ToList();
        if (node is not null && _gateways.Gateways.All(g => g.Name != node))
        {
            return new AdminResult(LogText.Value(node), new ProtocolError(ErrorCode.NotFound, "There is no such gateway."));
        }

        var lines = new List<ReadOnlyMemory<byte>>();
        var silent = new List<string>();
        var more = false;
        foreach (var gateway in gateways)
        {
            if (lines.Count == limit)
            {
                more = true;
                break;
            }

            var order = new ListConnections(user, room, gateway.Name == fromNode ? fromId : 0, limit - lines.Count);
            if (await _gateways.AskAsync(gateway, order, context.RequestAborted) is not { } report)
            {
                silent.Add(gateway.Name);
                continue;
            }

            lines.AddRange(report.Lines);
            if (report.More)
            {
                more = true;
                break;
            }
        }

        return new AdminResult($"user={LogText.Value(user)} room={LogText.Value(room)} node={LogText.Value(node)}", $"{lines.Count} connections", json =>
        {
            json.WriteStartArray("connections"u8);
            foreach (var line in lines)
            {
                json.WriteRawValue(line.Span);
            }

            json.WriteEndArray();
            json.WriteBoolean("more"u8, more);
            if (more)
            {
                json.WriteString("after"u8, CursorOf(lines[^1]));
            }

            json.WriteStartArray("silent"u8);
            foreach (var name in silent)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        });

        string? Given(string name) => query[name].ToString() is { Length: > 0 } value ? value : null;
    }

    private static (string Node, long Id) Cursor(string text)
    {
        var slash = text.LastIndexOf('/');
        return text.Length == 0 ? (string.Empty, 0)
            : slash > 0 && long.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id)
                ? (text[..slash], id)
                : throw new BadHttpRequestException("after: must be what an earlier page gave");
    }

    private static string CursorOf(ReadOnlyMemory<byte> line)
    {
        using var json = JsonDocument.Parse(line);
        return $"{json.RootElement.GetProperty("node").GetString()}/{json.RootElement.GetProperty("id").GetInt64()}";
    }
}
