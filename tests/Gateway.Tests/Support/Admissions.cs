using ClusterChat.Gateway.Identity;

namespace ClusterChat.Gateway.Tests;

internal static class Admissions
{
    /// <summary>Judges where nobody else has to be asked, so that nothing has to be awaited.</summary>
    public static Admission Admit(this IAuthenticator authenticator, string? name = null, string? token = null)
    {
        var judging = authenticator.AdmitAsync(new Credentials(name, null, token), CancellationToken.None).AsTask();
        judging.IsCompleted.ShouldBeTrue("nobody else has to be asked");
        return judging.GetAwaiter().GetResult();
    }
}
