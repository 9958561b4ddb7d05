using ClusterChat.Cluster;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http;

/// <summary>
/// Who an HTTP request comes from: a guest, by <c>X-Guest-Name</c> (percent-encoded where it is not ASCII) and
/// <c>X-Guest-Session</c>, which the answer returns.
/// </summary>
/// <param name="Member">The guest; null where the request gives no name.</param>
/// <param name="Error">What is wrong with the name.</param>
internal sealed record ApiIdentity(Member? Member, ProtocolError? Error)
{
    private const string NameHeader = "X-Guest-Name";

    /// <summary>The header of the session.</summary>
    public const string SessionHeader = "X-Guest-Session";

    public static ApiIdentity Of(HttpContext context, GuestSessions sessions)
    {
        if (context.Request.Headers[NameHeader] is not [{ Length: > 0 } header])
        {
            return new ApiIdentity(null, null);
        }

        var name = Uri.UnescapeDataString(header);
        if (Rules.CheckUserName(name) is { } wrong)
        {
            return new ApiIdentity(null, new ProtocolError(ErrorCode.BadName, $"{NameHeader}: {wrong}"));
        }

        var guest = sessions.Restore(context.Request.Headers[SessionHeader]);
        context.Response.Headers[SessionHeader] = guest.Session;
        return new ApiIdentity(new Member(guest.User, name), null);
    }
}
