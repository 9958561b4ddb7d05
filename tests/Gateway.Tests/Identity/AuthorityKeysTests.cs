using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using static ClusterChat.TestKit.Identity.TestTokens;

namespace ClusterChat.Gateway.Tests.Identity;

/// <summary>An authority changes its keys, and is away at times.</summary>
public sealed class AuthorityKeysTests
{
    private readonly Simulation _time = new(1);
    private readonly AuthorityWorld _authority;
    private readonly TokenAuthenticator _door;

    public AuthorityKeysTests()
    {
        _authority = new AuthorityWorld(_time.Clock);
        _door = new TokenAuthenticator(_authority.Keys, new JwtOptions(), _time.Clock, NullLogger.Instance);
    }

    [Fact]
    public async Task The_keys_are_asked_for_once_and_then_known()
    {
        _authority.Publish("k1");
        for (var i = 0; i < 10; i++)
            (await AdmitAsync("k1")).Identity.ShouldNotBeNull();
        _authority.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_rotated_key_works_at_once_and_the_old_one_until_it_is_withdrawn()
    {
        _authority.Publish("k1");
        (await AdmitAsync("k1")).Identity.ShouldNotBeNull();
        _time.RunFor(TimeSpan.FromMinutes(1));
        _authority.Publish("k2");
        (await AdmitAsync("k2")).Identity.ShouldNotBeNull();
        (await AdmitAsync("k1")).Identity.ShouldNotBeNull();

        var withdrawn = _authority.Published["k1"];
        _authority.Published.Remove("k1");
        _time.RunFor(TimeSpan.FromMinutes(61));
        (await AdmitAsync("k2")).Identity.ShouldNotBeNull();
        (await AdmitAsync("k1", with: withdrawn)).Identity.ShouldBeNull();
    }

    [Fact]
    public async Task Invented_keys_cost_the_authority_one_request_in_five_seconds()
    {
        _authority.Publish("k1");
        (await AdmitAsync("k1")).Identity.ShouldNotBeNull();
        _time.RunFor(TimeSpan.FromSeconds(6));
        (await AdmitAsync("x", signer: "k1")).Error!.Code.ShouldBe(ErrorCode.Unauthorized);
        for (var i = 0; i < 100; i++)
            (await AdmitAsync("x" + i, signer: "k1")).Error!.Code.ShouldBe(ErrorCode.Unavailable);
        _authority.Asked.ShouldBe(2);
        (await AdmitAsync("k1")).Identity.ShouldNotBeNull();
    }

    [Fact]
    public async Task An_authority_that_is_away_at_the_start_lets_nobody_in_and_says_that_it_is_temporary()
    {
        _authority.Publish("k1");
        _authority.IsAway = true;
        var error = (await AdmitAsync("k1")).Error.ShouldNotBeNull();
        error.Code.ShouldBe(ErrorCode.Unavailable);
        error.RetryMs.ShouldBeGreaterThan(0);
        _authority.IsAway = false;
        (await AdmitAsync("k1")).Error!.Code.ShouldBe(ErrorCode.Unavailable, "it was asked a moment ago");
        _time.RunFor(TimeSpan.FromSeconds(5));
        (await AdmitAsync("k1")).Identity.ShouldNotBeNull();
    }

    [Fact]
    public async Task While_the_authority_is_away_the_last_keys_stay()
    {
        _authority.Publish("k1");
        (await AdmitAsync("k1")).Identity.ShouldNotBeNull();
        _authority.IsAway = true;
        for (var i = 0; i < 3; i++)
        {
            _time.RunFor(TimeSpan.FromHours(2));
            (await AdmitAsync("k1")).Identity.ShouldNotBeNull();
        }

        _authority.Asked.ShouldBe(4);
    }

    [Fact]
    public async Task An_answer_without_usable_keys_does_not_take_the_last_ones_away()
    {
        _authority.Publish("k1");
        (await AdmitAsync("k1")).Identity.ShouldNotBeNull();
        _authority.Published.Remove("k1", out var key);
        _time.RunFor(TimeSpan.FromHours(2));
        _authority.Published.Clear();
        (await AdmitAsync("k1", with: key)).Identity.ShouldNotBeNull();
        (await AdmitAsync("k1", with: key)).Identity.ShouldNotBeNull();
    }

    [Fact]
    public async Task Tokens_that_come_together_wait_for_one_answer()
    {
        _authority.Publish("k1");
        var answer = new TaskCompletionSource<OpenIdConnectConfiguration>();
        var asked = 0;
        _authority.Answer = () =>
        {
            asked++;
            return answer.Task;
        };
        var waiting = Enumerable.Range(0, 5).Select(_ => AdmitAsync("k1")).ToList();
        waiting.ShouldAllBe(w => !w.IsCompleted);
        var configuration = new OpenIdConnectConfiguration { Issuer = AuthorityWorld.Issuer };
        configuration.SigningKeys.Add(new RsaSecurityKey(_authority.Published["k1"]) { KeyId = "k1" });
        answer.SetResult(configuration);
        (await Task.WhenAll(waiting)).ShouldAllBe(a => a.Identity != null);
        asked.ShouldBe(1);
    }

    [Fact]
    public async Task The_issuer_is_the_authoritys_own()
    {
        _authority.Publish("k1");
        (await AdmitAsync("k1", issuer: "https://other.test")).Identity.ShouldBeNull();
        (await AdmitAsync("k1")).Identity.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_published_secret_is_not_taken_for_a_key()
    {
        var configuration = new OpenIdConnectConfiguration { Issuer = AuthorityWorld.Issuer };
        configuration.SigningKeys.Add(new SymmetricSecurityKey(new byte[32]) { KeyId = "s" });
        configuration.SigningKeys.Add(new RsaSecurityKey(_authority.Publish("k1")) { KeyId = "k1" });
        _authority.Answer = () => Task.FromResult(configuration);
        var claims = Claims("ann", _time.Clock.GetUtcNow().AddHours(1));
        claims["iss"] = AuthorityWorld.Issuer;
        (await _door.AdmitAsync(new Credentials(null, null, Hs256(claims, new byte[32], kid: "s")), CancellationToken.None)).Identity.ShouldBeNull();
    }

    private Task<Admission> AdmitAsync(
        string kid, string? signer = null, string issuer = AuthorityWorld.Issuer, System.Security.Cryptography.RSA? with = null)
    {
        var claims = Claims("ann", _time.Clock.GetUtcNow().AddHours(1));
        claims["iss"] = issuer;
        var token = Rs256(claims, with ?? _authority.Published[signer ?? kid], kid);
        return _door.AdmitAsync(new Credentials(null, null, token), CancellationToken.None).AsTask();
    }
}
