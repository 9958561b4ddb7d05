using ClusterChat.Cluster.Abuse;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http.Admin;

/// <summary>Operators ask who sent a message from where, and what else somebody sent; protocol, section 7.</summary>
/// <param name="audit">Null where nothing of the kind is kept.</param>
internal sealed class AuditApi(IMessageAudit? audit)
{
    private static readonly ProtocolError Off = new(ErrorCode.NotFound, "It is not kept who sent what from where (Audit:Enabled).");

    /// <summary>A page of entries, the newest first: of a message by <c>room</c> and <c>seq</c>, or of a <c>user</c>.</summary>
    public async Task<AdminResult> ReadAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = (int)RoomApi.Integer(context, "limit", 100, 1, 1000);
        var before = RoomApi.Integer(context, "before", long.MaxValue, 1, long.MaxValue);
        var seq = RoomApi.Integer(context, "seq", 0, 1, ProtocolLimits.MaxInteger);
        string room = query["room"].ToString(), user = query["user"].ToString();
        if ((room.Length > 0 && Rules.CheckRoomName(room) is not null) || user.Any(char.IsControl) || !Rules.CanBeNormalized(user))
        {
            throw new BadHttpRequestException("room or user: no name has these characters");
        }

        if ((room.Length > 0) == (user.Length > 0) || (room.Length > 0) != (seq > 0))
        {
            throw new BadHttpRequestException("either room and seq, or user, must be given");
        }

        var target = room.Length > 0 ? $"{room}/{seq}" : LogText.Value(user);
        if (audit is null)
        {
            return new AdminResult(target, Off);
        }

        var found = room.Length > 0
            ? await audit.OfMessageAsync(room, seq, before, limit + 1, context.RequestAborted)
            : await audit.OfUserAsync(user, before, limit + 1, context.RequestAborted);
        var page = found.Take(limit).ToList();
        return new AdminResult(target, $"{page.Count} messages", json =>
        {
            json.WriteStartArray("messages"u8);
            foreach (var entry in page)
            {
                json.WriteStartObject();
                json.WriteString("room"u8, entry.Room);
                json.WriteNumber("seq"u8, entry.Seq);
                json.WriteString("mid"u8, entry.Mid);
                json.WriteString("user"u8, entry.User);
                if (entry.Session.Length > 0)
                {
                    json.WriteString("session"u8, entry.Session);
                }

                json.WriteString("address"u8, entry.Address);
                json.WriteNumber("at"u8, entry.At);
                json.WriteBoolean("repeat"u8, entry.IsRepeat);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteBoolean("more"u8, found.Count > limit);
            if (found.Count > limit)
            {
                json.WriteNumber("before"u8, page[^1].Id);
            }
        });
    }
}
