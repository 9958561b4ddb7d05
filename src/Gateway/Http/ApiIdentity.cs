using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http;

/// <summary>
/// Finds out who an HTTP request comes from: by its token, or in guest mode by <c>X-Guest-Name</c> (percent-encoded where it is
/// not ASCII) and <c>X-Guest-Session</c>, which the answer returns. The answer says in <c>X-User-Id</c>, percent-encoded too, who it is.
/// </summary>
internal sealed class ApiIdentity(IAuthenticator authenticator, RequestCredentials credentials)
{
    private const string NameHeader = "X-Guest-Name";

    /// <summary>The header of the session.</summary>
    public const string SessionHeader = "X-Guest-Session";

    /// <summary>The header of the identity: <c>uid</c> of what it writes.</summary>
    public const string UserHeader = "X-User-Id";

    /// <returns>Neither identity nor error for a guest without a name.</returns>
    public async ValueTask<Admission> OfAsync(HttpContext context)
    {
        var request = context.Request;
        string? name = null;
        if (authenticator.TakesAnonymous)
        {
            if (request.Headers[NameHeader] is not [{ Length: > 0 } header])
            {
                return default;
            }

            if (UserNames.Check(Uri.UnescapeDataString(header), out name) is { } wrong)
            {
                return new ProtocolError(ErrorCode.BadName, $"{NameHeader}: {wrong}");
            }
        }

        var admission = await authenticator.AdmitAsync(
            new Credentials(name, request.Headers[SessionHeader], credentials.Token(request)), context.RequestAborted);
        if (admission.Identity is { } who)
        {
            context.Response.Headers[UserHeader] = Uri.EscapeDataString(who.Member.User);
            if (who.Session is { } session)
            {
                context.Response.Headers[SessionHeader] = session;
            }
        }

        return admission;
    }
}
