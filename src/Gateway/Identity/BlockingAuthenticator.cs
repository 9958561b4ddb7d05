using ClusterChat.Gateway.Abuse;

namespace ClusterChat.Gateway.Identity;

/// <summary>
/// Keeps those out who are blocked, wherever they say who they are: hello, upgrade, HTTP. A guest whose session was ended is a new one.
/// </summary>
internal sealed class BlockingAuthenticator(IAuthenticator inner, KeptOut keptOut) : IAuthenticator
{
    public bool TakesAnonymous => inner.TakesAnonymous;

    public ValueTask<Admission> AdmitAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        var admission = inner.AdmitAsync(credentials, cancellationToken);
        return admission.IsCompletedSuccessfully ? JudgeAsync(credentials, admission.Result, cancellationToken) : WaitAsync(credentials, admission, cancellationToken);
    }

    private async ValueTask<Admission> WaitAsync(Credentials credentials, ValueTask<Admission> admission, CancellationToken cancellationToken)
        => await JudgeAsync(credentials, await admission, cancellationToken);

    /// <summary>Completes at once where the one before did: guests are not asked about elsewhere.</summary>
    private ValueTask<Admission> JudgeAsync(Credentials credentials, Admission admission, CancellationToken cancellationToken)
        => admission.Identity is not { } who ? new(admission)
            : keptOut.Refuse(who) is { } error ? new(error)
            : keptOut.IsEnded(who) ? inner.AdmitAsync(credentials with { Session = null }, cancellationToken)
            : new(admission);
}
