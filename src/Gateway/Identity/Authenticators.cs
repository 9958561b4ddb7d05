using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Identity;

/// <summary>Makes the one that the options ask for.</summary>
internal static class Authenticators
{
    /// <summary>A client waits 10 s for its welcome; two documents are read in that time.</summary>
    private static readonly TimeSpan AuthorityTimeout = TimeSpan.FromSeconds(4);

    public static IAuthenticator Create(AuthOptions options, GuestSessions sessions, TimeProvider clock, ILogger logger)
    {
        if (!options.NeedsToken())
        {
            return new GuestAuthenticator(sessions);
        }

        if (string.IsNullOrEmpty(options.Jwt.Authority))
        {
            return new TokenAuthenticator(StaticKey.Load(options.Jwt), options.Jwt, clock, logger);
        }

        if (options.Jwt.Audience is null)
        {
            logger.AnyAudience();
        }

        // As long as the process: keys are read anew again and again.
        var http = new HttpClient { Timeout = AuthorityTimeout, MaxResponseContentBufferSize = 1024 * 1024 };
        var keys = AuthorityKeys.Over(http, AuthRules.DiscoveryAddress(options.Jwt.Authority)!, clock, logger);
        return new TokenAuthenticator(keys, options.Jwt, clock, logger);
    }
}
