using System.Security.Cryptography;
using ClusterChat.Gateway.Identity;
using ClusterChat.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Tokens;
using static ClusterChat.TestKit.Identity.TestTokens;

namespace ClusterChat.Gateway.Tests.Identity;

/// <summary>A real authority as far as a gateway sees one: a discovery document and a set of keys, over HTTP.</summary>
public sealed class AuthorityOverHttpTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private readonly Dictionary<string, RSA> _keys = new(StringComparer.Ordinal);
    private readonly HttpClient _http = new();
    private WebApplication _authority = null!;
    private string _issuer = "";
    private TokenAuthenticator _door = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _authority = builder.Build();
        _authority.Urls.Add("http://127.0.0.1:0");
        _authority.MapGet("/.well-known/openid-configuration", context => context.Response.WriteAsync(
            $$"""{"issuer":"{{_issuer}}","jwks_uri":"{{_issuer}}/keys","response_types_supported":["code"]}"""));
        _authority.MapGet("/keys", context => context.Response.WriteAsync(
            "{\"keys\":[" + string.Join(',', _keys.Select(k => Published(k.Key, k.Value))) + "]}"));
        await _authority.StartAsync();
        _issuer = _authority.Urls.Single();
        var discovery = AuthRules.DiscoveryAddress(_issuer).ShouldNotBeNull();
        _door = new TokenAuthenticator(
            AuthorityKeys.Over(_http, discovery, _clock, NullLogger.Instance), new JwtOptions { Audience = "chat" }, _clock, NullLogger.Instance);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _authority.DisposeAsync();
        foreach (var key in _keys.Values)
            key.Dispose();
    }

    [Fact]
    public async Task Tokens_are_checked_with_what_the_authority_publishes_and_follow_its_rotation()
    {
        _keys["k1"] = RSA.Create(2048);
        (await AdmitAsync("k1")).Identity.ShouldNotBeNull().Member.User.ShouldContain("ann");
        (await AdmitAsync("k1", audience: "mail")).Identity.ShouldBeNull();
        (await AdmitAsync("k1", issuer: "http://127.0.0.1:1")).Identity.ShouldBeNull();

        _keys["k2"] = RSA.Create(2048);
        _clock.Advance(TimeSpan.FromSeconds(6));
        (await AdmitAsync("k2")).Identity.ShouldNotBeNull();

        using var stranger = RSA.Create(2048);
        (await AdmitAsync("k2", with: stranger)).Identity.ShouldBeNull();
    }

    private static string Published(string id, RSA key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"RSA","use":"sig","kid":"{{id}}","n":"{{Base64UrlEncoder.Encode(parameters.Modulus)}}","e":"{{Base64UrlEncoder.Encode(parameters.Exponent)}}"}""";
    }

    private Task<Admission> AdmitAsync(string kid, string? issuer = null, string audience = "chat", RSA? with = null)
    {
        var claims = Claims("ann", _clock.GetUtcNow().AddHours(1));
        (claims["iss"], claims["aud"]) = (issuer ?? _issuer, audience);
        return _door.AdmitAsync(new Credentials(null, null, Rs256(claims, with ?? _keys[kid], kid)), CancellationToken.None).AsTask();
    }
}
