namespace ClusterChat.Gateway.Identity;

/// <summary>Who is let in. Section <c>Auth</c> of the configuration.</summary>
public sealed class AuthOptions
{
    /// <summary><see cref="Mode"/>: whoever can connect can chat, under a name of its choice.</summary>
    public const string Guest = "guest";

    /// <summary><see cref="Mode"/>: whoever has a token that is signed by the right one.</summary>
    public const string Token = "jwt";

    /// <summary><see cref="Guest"/> or <see cref="Token"/>.</summary>
    public string Mode { get; set; } = Guest;

    /// <summary>
    /// How long a guest that stays away remains the same guest, with its messages and its name. As long as Keycloak's idle time of
    /// offline sessions.
    /// </summary>
    public TimeSpan GuestSessionAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>What a token must be like.</summary>
    public JwtOptions Jwt { get; } = new();

    /// <summary>Whether tokens are asked for.</summary>
    public bool NeedsToken() => Mode == Token;
}
