using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Identity;

/// <summary>Lets everybody in who has a name.</summary>
internal sealed class GuestAuthenticator(GuestSessions sessions) : IAuthenticator
{
    public bool TakesAnonymous => true;

    public ValueTask<Admission> AdmitAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        if (credentials.Name is not { } name)
        {
            return new(new ProtocolError(ErrorCode.BadName, "\"name\" is required for guests."));
        }

        var guest = sessions.Restore(credentials.Session, out var isNew);
        return new(new ClientIdentity(new Member(guest.User, name)) { Session = guest.Session, SessionId = guest.User, IsNew = isNew });
    }
}
