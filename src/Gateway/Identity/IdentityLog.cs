using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Identity;

/// <summary>What is said of tokens and their keys. Event ids 4100-4149.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(4100, LogLevel.Information, "Read {Keys} keys of {Issuer}")]
    public static partial void AuthorityKeysRead(this ILogger logger, int keys, string issuer);

    [LoggerMessage(4101, LogLevel.Warning, "The authority cannot be asked for its keys, the last ones stay: {Reason}")]
    public static partial void AuthorityAway(this ILogger logger, string reason);

    [LoggerMessage(4102, LogLevel.Debug, "A token is refused: {Reason}")]
    public static partial void TokenRefused(this ILogger logger, string reason);

    [LoggerMessage(4103, LogLevel.Warning, "Auth:Jwt:Audience is not set: tokens that the authority gave out for other services are taken too")]
    public static partial void AnyAudience(this ILogger logger);
}
