using System.Text.Json;
using ClusterChat.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClusterChat.Gateway.Identity;

/// <summary>Lets those in who have a signed token. The client hears that it is refused, and the log why.</summary>
internal sealed class TokenAuthenticator(ITokenKeys keys, JwtOptions options, TimeProvider clock, ILogger logger) : IAuthenticator
{
    /// <summary>The longest token. Web servers commonly take headers of 8 to 16 KiB.</summary>
    private const int MaxTokenBytes = 16 * 1024;

    private static readonly ProtocolError Required = new(ErrorCode.Unauthorized, "A token is required.");
    private static readonly ProtocolError Invalid = new(ErrorCode.Unauthorized, "The token is not valid.");
    private static readonly ProtocolError Expired = new(ErrorCode.Unauthorized, "The token has expired.");

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxTokenBytes };
    private readonly TokenClaims _claims = new(options);

    public bool TakesAnonymous => false;

    public async ValueTask<Admission> AdmitAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        if (credentials.Token is not { Length: > 0 } text)
        {
            return Required;
        }

        if (Read(text) is not { } token)
        {
            return Refuse("it is no JSON Web Token");
        }

        if (TokenKinds.Refuse(token) is { } kind)
        {
            return Refuse(kind);
        }

        var found = await keys.FindAsync(token.Kid, cancellationToken);
        if (found.Key is not { } key)
        {
            return found.RetryMs > 0
                ? new ProtocolError(ErrorCode.Unavailable, "Tokens cannot be checked right now.", found.RetryMs)
                : Refuse($"there is no key \"{token.Kid}\"");
        }

        var result = await _handler.ValidateTokenAsync(token, Parameters(key, options.Issuer ?? found.Issuer));
        if (!result.IsValid)
        {
            logger.TokenRefused(LogText.OneLine(result.Exception.Message));
            return result.Exception is SecurityTokenExpiredException ? Expired : Invalid;
        }

        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        var (identity, problem) = _claims.Read(payload.RootElement);
        return identity is null ? Refuse(problem!) : identity with { Expires = new DateTimeOffset(Later(token.ValidTo), TimeSpan.Zero) };
    }

    private JsonWebToken? Read(string text)
    {
        try
        {
            return text.Length <= MaxTokenBytes ? _handler.ReadJsonWebToken(text) : null;
        }
        catch (Exception error) when (error is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            return null;
        }
    }

    private TokenValidationParameters Parameters(TokenKey key, string? issuer) => new()
    {
        RequireSignedTokens = true,
        IssuerSigningKey = key.Key,
        ValidAlgorithms = key.Algorithms,

        // The key is chosen already; what id a token names for the one of the configuration does not matter.
        TryAllIssuerSigningKeys = true,
        ValidateIssuer = issuer is not null,
        ValidIssuer = issuer,
        ValidateAudience = options.Audience is not null,
        ValidAudience = options.Audience,
        RequireExpirationTime = true,
        LifetimeValidator = CheckLifetime,
    };

    // The library's own check reads a clock of its own.
    private bool CheckLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return expires is null ? throw new SecurityTokenNoExpirationException("It does not say when it ends.")
            : now >= Later(expires.Value) ? throw new SecurityTokenExpiredException("It has expired.")
            : notBefore is null || now + options.ClockSkew >= notBefore;
    }

    private DateTime Later(DateTime time) => time > DateTime.MaxValue - options.ClockSkew ? DateTime.MaxValue : time + options.ClockSkew;

    private ProtocolError Refuse(string why)
    {
        logger.TokenRefused(LogText.OneLine(why));
        return Invalid;
    }
}
