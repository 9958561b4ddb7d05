using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Identity;

/// <summary>Finds out who a client is.</summary>
internal interface IAuthenticator
{
    /// <summary>Whether a client without a name may read over HTTP.</summary>
    bool TakesAnonymous { get; }

    /// <summary>Judges what a client shows. Completes at once where nobody else has to be asked.</summary>
    ValueTask<Admission> AdmitAsync(Credentials credentials, CancellationToken cancellationToken);
}

/// <summary>What a client shows to say who it is. Nothing of it is checked.</summary>
/// <param name="Name">The name that a guest wishes to go by; it keeps the rule for names.</param>
/// <param name="Session">A guest's session.</param>
/// <param name="Token">A JSON Web Token.</param>
internal readonly record struct Credentials(string? Name, string? Session, string? Token);

/// <summary>The judgement: one of the two is there.</summary>
/// <param name="Identity">Who it is.</param>
/// <param name="Error">Why it is not let in; temporary where that cannot be told right now.</param>
internal readonly record struct Admission(ClientIdentity? Identity, ProtocolError? Error)
{
    public static implicit operator Admission(ClientIdentity identity) => new(identity, null);

    public static implicit operator Admission(ProtocolError error) => new(null, error);
}
