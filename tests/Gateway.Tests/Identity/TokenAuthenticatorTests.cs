using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;
using ClusterChat.TestKit;
using ClusterChat.TestKit.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using static ClusterChat.TestKit.Identity.TestTokens;

namespace ClusterChat.Gateway.Tests.Identity;

/// <summary>Who is let in with a token, and who is not.</summary>
public sealed class TokenAuthenticatorTests : IDisposable
{
    private readonly TimeProvider _clock = new Simulation(1).Clock;
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly JwtOptions _options = new() { Secret = Secret };
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterchat-").FullName;

    public void Dispose()
    {
        _rsa.Dispose();
        _curve.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_signed_token_says_who_the_user_is()
    {
        var claims = Good();
        claims["name"] = "Ann";
        claims["roles"] = new JsonArray("moderator", "staff");
        var who = Admit(Hs256(claims)).Identity.ShouldNotBeNull();
        who.Member.User.ShouldBe("ann");
        who.Member.Name.ShouldBe("Ann");
        who.Roles.ShouldBe(["moderator", "staff"]);
        who.Session.ShouldBeNull();
        who.Rooms.Allows("anything").ShouldBeTrue();
    }

    [Theory]
    [InlineData("s1", "t1", "s1")]
    [InlineData(null, "t1", "t1")]
    [InlineData("", "t1", "t1")]
    [InlineData("a\nb", "t1", "t1")]
    [InlineData(null, null, null)]
    public void Its_session_is_known_by_its_sid_or_else_by_its_jti(string? sid, string? jti, string? session)
    {
        var claims = Good();
        if (sid is not null)
            claims["sid"] = sid;
        if (jti is not null)
            claims["jti"] = jti;
        Admit(Hs256(claims)).Identity.ShouldNotBeNull().SessionId.ShouldBe(session);
    }

    [Fact]
    public void A_public_key_checks_what_its_private_one_signs()
    {
        UsePublicKey(_rsa.ExportSubjectPublicKeyInfoPem());
        Admit(Rs256(Good(), _rsa)).Identity.ShouldNotBeNull();
        UsePublicKey(_rsa.ExportRSAPublicKeyPem());
        Admit(Rs256(Good(), _rsa, kid: "any")).Identity.ShouldNotBeNull();
        UsePublicKey(_curve.ExportSubjectPublicKeyInfoPem());
        Admit(Es256(Good(), _curve)).Identity.ShouldNotBeNull();
        Admit(Rs256(Good(), _rsa)).Identity.ShouldBeNull();
    }

    [Fact]
    public void The_secret_may_come_from_a_file()
    {
        _options.Secret = null;
        _options.SecretFile = Write(Secret + "\n");
        Admit(Hs256(Good())).Identity.ShouldNotBeNull();
    }

    [Fact]
    public void No_token_is_no_entrance()
    {
        Refused(null);
        Refused("");
        Door().Admit(name: "ann").Error!.Code.ShouldBe(ErrorCode.Unauthorized);
    }

    public static TheoryData<string> Nonsense =>
    [
        "x", "..", "...", "a.b.c", "é.é.é", "\0.\0.\0", "e30.e30.", "e30.e30.e30", "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10", "eyJhbGciOjF9.e30.e30",
        "eyJhbGciOiJIUzI1NiJ9..", "eyJhbGciOiJIUzI1NiJ9.e30.", "a.b.c.d.e", new string('.', 5000), new string('a', 100_000),
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Nonsense_is_refused_without_an_exception(string token) => Refused(token);

    [Fact]
    public void A_token_that_was_changed_anywhere_is_refused()
    {
        var token = Hs256(Good());
        for (var i = 0; i < token.Length; i++)
        {
            // The last character of a part holds bits that mean nothing.
            if (token[i] == '.' || i + 1 == token.Length || token[i + 1] == '.')
                continue;
            var forged = token.ToCharArray();
            forged[i] = forged[i] == 'A' ? 'B' : 'A';
            Refused(new string(forged));
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("")]
    public void A_token_without_a_signature_is_refused(string algorithm)
    {
        Refused(Make(algorithm, null, Good(), _ => []));
        Refused(Make(algorithm, null, Good(), data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), data)));
    }

    [Theory]
    [InlineData("""{"typ":"logout+jwt"}""")]
    [InlineData("""{"typ":"application/logout+jwt"}""")]
    [InlineData("""{"typ":"secevent+jwt"}""")]
    [InlineData("""{"typ":"dpop+jwt"}""")]
    [InlineData("""{"typ":"refresh+jwt"}""")]
    [InlineData("""{"typ":"token-introspection+jwt"}""")]
    [InlineData("""{"typ":""}""")]
    [InlineData("""{"typ":null}""")]
    [InlineData("""{"typ":["JWT"]}""")]
    [InlineData("""{"crit":["http://example.com/unknown"],"http://example.com/unknown":true}""")]
    [InlineData("""{"crit":["exp"],"exp":1}""")]
    [InlineData("""{"crit":[]}""")]
    [InlineData("""{"crit":null}""")]
    public void A_token_of_another_kind_or_with_a_condition_that_is_not_understood_is_refused(string header) => Refused(Headed(header));

    [Theory]
    [InlineData("""{"typ":"at+jwt"}""")]
    [InlineData("""{"typ":"AT+JWT"}""")]
    [InlineData("""{"typ":"application/at+jwt"}""")]
    [InlineData("""{"typ":"jwt"}""")]
    [InlineData("""{"x":{"typ":"logout+jwt","crit":[]}}""")]
    public void An_access_token_may_say_that_it_is_one(string header) => Admit(Headed(header)).Identity.ShouldNotBeNull();

    [Theory]
    [InlineData("events", """{"http://schemas.openid.net/event/backchannel-logout":{}}""")]
    [InlineData("typ", "\"Refresh\"")]
    [InlineData("typ", "\"ID\"")]
    [InlineData("typ", "\"Logout\"")]
    [InlineData("token_use", "\"id\"")]
    public void A_token_whose_claims_say_that_it_is_of_another_kind_is_refused(string claim, string value)
    {
        var claims = Good();
        claims[claim] = JsonNode.Parse(value);
        Refused(Hs256(claims));
        claims[claim] = claim == "events" ? null : "Bearer";
        if (claim == "events")
            claims.Remove(claim);
        Admit(Hs256(claims)).Identity.ShouldNotBeNull();
    }

    private string Headed(string header)
        => Make("HS256", null, Good(), data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), data), JsonNode.Parse(header)!.AsObject());

    [Fact]
    public void An_authoritys_public_key_is_never_taken_for_a_secret()
    {
        foreach (var pem in new[] { _rsa.ExportSubjectPublicKeyInfoPem(), _rsa.ExportSubjectPublicKeyInfoPem() + "\n", _rsa.ExportRSAPublicKeyPem() })
        {
            UsePublicKey(pem);
            Refused(Hs256(Good(), Encoding.UTF8.GetBytes(pem)));
            Refused(Hs256(Good(), _rsa.ExportSubjectPublicKeyInfo()));
        }
    }

    [Fact]
    public void Only_the_algorithms_of_the_keys_kind_are_taken()
    {
        Refused(Hs256(Good(), algorithm: "HS384"));
        Refused(Hs256(Good(), algorithm: "RS256"));
        Refused(Rs256(Good(), _rsa));
        UsePublicKey(_rsa.ExportSubjectPublicKeyInfoPem());
        Refused(Rs256(Good(), _rsa, algorithm: "ES256"));
        Refused(Es256(Good(), _curve));
    }

    [Fact]
    public void Another_ones_key_is_refused()
    {
        Refused(Hs256(Good(), new byte[32]));
        using var other = RSA.Create(2048);
        UsePublicKey(_rsa.ExportSubjectPublicKeyInfoPem());
        Refused(Rs256(Good(), other));
    }

    [Fact]
    public void A_key_in_the_tokens_own_header_is_not_listened_to()
    {
        using var own = RSA.Create(2048);
        UsePublicKey(_rsa.ExportSubjectPublicKeyInfoPem());
        var parameters = own.ExportParameters(includePrivateParameters: false);
        var jwk = new JsonObject
        {
            ["kty"] = "RSA",
            ["n"] = System.Buffers.Text.Base64Url.EncodeToString(parameters.Modulus),
            ["e"] = System.Buffers.Text.Base64Url.EncodeToString(parameters.Exponent),
        };
        var header = new JsonObject { ["alg"] = "RS256", ["jwk"] = jwk };
        var signed = string.Join('.', new[] { header, Good() }.Select(j => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(j.ToJsonString()))));
        var signature = own.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Refused($"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}");
    }

    [Theory]
    [InlineData(-11, false)]
    [InlineData(-10, false)]
    [InlineData(-9, true)]
    [InlineData(1, true)]
    public void A_token_is_good_until_its_end_and_the_skew(int endsInSeconds, bool good)
        => (Admit(Hs256(Claims("ann", _clock.GetUtcNow().AddSeconds(endsInSeconds)))).Identity is not null).ShouldBe(good);

    [Theory]
    [InlineData(11, false)]
    [InlineData(10, true)]
    [InlineData(-1, true)]
    public void A_token_is_good_from_its_beginning_less_the_skew(int beginsInSeconds, bool good)
    {
        var claims = Good();
        claims["nbf"] = _clock.GetUtcNow().AddSeconds(beginsInSeconds).ToUnixTimeSeconds();
        (Admit(Hs256(claims)).Identity is not null).ShouldBe(good);
    }

    [Fact]
    public void A_token_without_an_end_is_refused() => Refused(Hs256(new JsonObject { ["sub"] = "ann" }));

    [Fact]
    public void The_end_of_the_token_is_the_end_of_the_identity()
        => Admit(Hs256(Good())).Identity!.Expires.ShouldBe(_clock.GetUtcNow().AddHours(1) + _options.ClockSkew, TimeSpan.FromSeconds(1));

    [Fact]
    public void Issuer_and_audience_must_be_the_right_ones()
    {
        _options.Issuer = "https://issuer.test";
        _options.Audience = "chat";
        Refused(Hs256(Good()));
        Refused(Hs256(With("https://other.test", "chat")));
        Refused(Hs256(With("https://issuer.test", "mail")));
        Refused(Hs256(With("https://issuer.test", null)));
        Refused(Hs256(With("https://issuer.test/", "chat")));
        Admit(Hs256(With("https://issuer.test", "chat"))).Identity.ShouldNotBeNull();
        var several = With("https://issuer.test", null);
        several["aud"] = new JsonArray("mail", "chat");
        Admit(Hs256(several)).Identity.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"sub":""}""")]
    [InlineData("""{"sub":5}""")]
    [InlineData("""{"sub":["ann"]}""")]
    [InlineData("""{"sub":"g:AAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("""{"sub":"a\u0000b"}""")]
    [InlineData("""{"sub":"ann","rooms":7}""")]
    [InlineData("""{"sub":"ann","rooms":[7]}""")]
    [InlineData("""{"sub":"ann","rooms":null}""")]
    public void Claims_that_do_not_say_who_may_do_what_are_refused(string claims)
    {
        var json = JsonNode.Parse(claims)!.AsObject();
        json["exp"] = _clock.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        Refused(Hs256(json));
    }

    [Fact]
    public void Rooms_are_names_and_prefixes()
    {
        var claims = Good();
        claims["rooms"] = new JsonArray("lobby", "team-*");
        var rooms = Admit(Hs256(claims)).Identity!.Rooms;
        new[] { "lobby", "team-", "team-a" }.ShouldAllBe(r => rooms.Allows(r));
        new[] { "lobby2", "lobb", "team", "Team-a", "x-team-a", "*" }.ShouldAllBe(r => !rooms.Allows(r));
        claims["rooms"] = "a b*";
        Admit(Hs256(claims)).Identity!.Rooms.Allows("b1").ShouldBeTrue();
        claims["rooms"] = new JsonArray();
        Admit(Hs256(claims)).Identity!.Rooms.Allows("lobby").ShouldBeFalse();
    }

    [Fact]
    public void Claims_may_have_other_names_and_stand_deeper()
    {
        _options.UserClaim = "email";
        _options.NameClaim = "nick";
        _options.RolesClaim = "realm_access.roles";
        var claims = Good();
        claims["email"] = "ann@example.org";
        claims["nick"] = "  A name that is much longer than a name may ever be  ";
        claims["realm_access"] = new JsonObject { ["roles"] = new JsonArray("a") };
        var who = Admit(Hs256(claims)).Identity!;
        who.Member.User.ShouldBe("ann@example.org");
        who.Member.Name.ShouldBe("A name that is much longer than");
        who.Roles.ShouldBe(["a"]);
    }

    [Theory]
    [InlineData("Jose\u0301", "José")]
    [InlineData("Ann\u00a0 Lee", "Ann Lee")]
    [InlineData("a\u200bnn", "sub")]
    [InlineData("\u2800", "sub")]
    [InlineData("👩\u200d", "👩")]
    [InlineData("a\ufffe", "sub")]
    public void A_token_s_name_follows_the_rules_of_names_or_the_user_s_id_takes_its_place(string claim, string name)
    {
        var claims = Good();
        claims["sub"] = "sub";
        claims["name"] = claim;
        Admit(Hs256(claims)).Identity!.Member.Name.ShouldBe(name);
    }

    [Fact]
    public void A_token_s_long_name_is_cut_between_letters_and_not_between_a_letter_and_its_accent()
    {
        var claims = Good();
        claims["name"] = string.Concat(Enumerable.Repeat("e\u0301", 40));
        Admit(Hs256(claims)).Identity!.Member.Name.ShouldBe(new string('é', 32));
    }

    [Fact]
    public void A_token_s_rooms_are_those_of_the_same_composed_name()
    {
        var claims = Good();
        claims["rooms"] = new JsonArray("cafe\u0301", "e\u0301quipe-*");
        var rooms = Admit(Hs256(claims)).Identity!.Rooms;
        new[] { "café", "équipe-1" }.ShouldAllBe(r => rooms.Allows(r));
    }

    private JsonObject Good() => Claims("ann", _clock.GetUtcNow().AddHours(1));

    private JsonObject With(string issuer, string? audience)
    {
        var claims = Good();
        claims["iss"] = issuer;
        if (audience is not null)
            claims["aud"] = audience;
        return claims;
    }

    private void UsePublicKey(string pem)
    {
        _options.Secret = null;
        _options.PublicKeyFile = Write(pem);
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder, "key");
        File.WriteAllText(path, text);
        return path;
    }

    private void Refused(string? token)
    {
        var admission = Admit(token);
        admission.Identity.ShouldBeNull(token);
        admission.Error!.Code.ShouldBe(ErrorCode.Unauthorized);
    }

    private Admission Admit(string? token) => Door().Admit(token: token);

    private TokenAuthenticator Door() => new(StaticKey.Load(_options), _options, _clock, NullLogger.Instance);
}
