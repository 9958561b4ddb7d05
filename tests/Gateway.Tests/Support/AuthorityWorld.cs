using System.Security.Cryptography;
using ClusterChat.Gateway.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ClusterChat.Gateway.Tests;

/// <summary>An authority with keys that the test changes, and what a gateway knows of them.</summary>
internal sealed class AuthorityWorld
{
    public const string Issuer = "https://issuer.test";

    public AuthorityWorld(TimeProvider clock)
        => Keys = new AuthorityKeys(_ => Answer?.Invoke() ?? Read(), clock, NullLogger.Instance);

    public AuthorityKeys Keys { get; }

    /// <summary>How often it was asked.</summary>
    public int Asked { get; private set; }

    /// <summary>If it is true it does not answer.</summary>
    public bool IsAway { get; set; }

    /// <summary>Answers in place of the authority; null for the authority itself.</summary>
    public Func<Task<OpenIdConnectConfiguration>>? Answer { get; set; }

    public Dictionary<string, RSA> Published { get; } = new(StringComparer.Ordinal);

    public RSA Publish(string id) => Published[id] = RSA.Create(2048);

    private Task<OpenIdConnectConfiguration> Read()
    {
        Asked++;
        if (IsAway)
            return Task.FromException<OpenIdConnectConfiguration>(new HttpRequestException("away"));
        var configuration = new OpenIdConnectConfiguration { Issuer = Issuer };
        foreach (var (id, key) in Published)
            configuration.SigningKeys.Add(new RsaSecurityKey(key.ExportParameters(includePrivateParameters: false)) { KeyId = id });
        return Task.FromResult(configuration);
    }
}
