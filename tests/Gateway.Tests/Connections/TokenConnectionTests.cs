using System.Text.Json.Nodes;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;
using ClusterChat.TestKit.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Gateway.Tests.Connections;

/// <summary>Connections of users with tokens, in virtual time.</summary>
public sealed class TokenConnectionTests : IDisposable
{
    private readonly LateAuthenticator _door = new();
    private readonly ConnectionWorld _world;

    public TokenConnectionTests()
    {
        _world = new ConnectionWorld(authenticator: _door);
        var options = new JwtOptions { Secret = TestTokens.Secret };
        _door.Inner = new TokenAuthenticator(StaticKey.Load(options), options, _world.Simulation.Clock, NullLogger.Instance);
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_token_is_welcomed_without_a_session()
    {
        var client = _world.OpenJson().Send(Hello(Token()));
        var welcome = client.Json().ShouldHaveSingleItem();
        welcome.GetProperty("user").GetString().ShouldBe("ann");
        welcome.TryGetProperty("session", out _).ShouldBeFalse();
    }

    [Fact]
    public void A_guest_is_closed_with_3500()
    {
        var client = _world.OpenJson().Send("""{"id":1,"t":"hello","name":"ann"}""");
        client.Closed.ShouldBe("3500");
        client.Types.ShouldBeEmpty();
    }

    [Fact]
    public void The_token_of_the_upgrade_is_good_for_a_hello_without_one()
        => _world.OpenJson(Token()).Send("""{"id":1,"t":"hello"}""").Types.ShouldBe(["welcome"]);

    [Fact]
    public void The_token_of_the_hello_comes_first()
        => _world.OpenJson(Token()).Send(Hello("nonsense")).Closed.ShouldBe("3500");

    [Fact]
    public void A_connection_is_closed_with_3500_within_a_second_of_the_tokens_end()
    {
        var client = _world.OpenJson().Send(Hello(Token(TimeSpan.FromSeconds(15))));
        _world.RunFor(TimeSpan.FromSeconds(24));
        client.Closed.ShouldBeNull();
        _world.RunFor(TimeSpan.FromSeconds(2));
        client.Closed.ShouldBe("3500");
    }

    [Fact]
    public void A_bare_connection_ends_with_its_token_too()
    {
        var who = _door.Admit(token: Token(TimeSpan.FromSeconds(5))).Identity!;
        var transport = new FakeTransport();
        var client = new TestConnection(_world, transport, _world.Registry.OpenPlain(transport, "lobby", who));
        _world.RunFor(TimeSpan.FromSeconds(16));
        client.Closed.ShouldBe("3500");
    }

    [Fact]
    public void A_room_that_the_token_does_not_allow_is_forbidden()
    {
        var claims = TestTokens.Claims("ann", _world.Simulation.Clock.GetUtcNow().AddHours(1));
        claims["rooms"] = new JsonArray("team-*");
        var client = _world.OpenJson().Send(Hello(TestTokens.Hs256(claims)));
        client.Send("""{"id":2,"t":"join","room":"lobby"}""").Errors.ShouldBe(["forbidden"]);
        client.Send("""{"id":3,"t":"send","room":"lobby","mid":"m","text":"x"}""").Errors.ShouldBe(["forbidden", "not_joined"]);
        client.Send("""{"id":4,"t":"join","room":"team-a"}""").Types.Last().ShouldBe("joined");
    }

    [Fact]
    public void What_follows_a_hello_waits_until_it_is_known_who_it_is()
    {
        _door.Hold();
        var client = _world.OpenJson().Send(Hello(Token()) + "\n" + """{"id":2,"t":"ping"}""").Send("""{"id":3,"t":"join","room":"lobby"}""");
        client.Types.ShouldBeEmpty();
        _door.Release();
        _world.Run();
        client.Types.ShouldBe(["welcome", "pong", "joined"]);
    }

    [Fact]
    public void What_follows_a_hello_is_not_looked_at_where_it_is_refused()
    {
        _door.Hold();
        var client = _world.OpenJson().Send(Hello("nonsense") + "\n" + """{"id":2,"t":"join","room":"lobby"}""");
        _door.Release();
        _world.Run();
        client.Types.ShouldBeEmpty();
        client.Closed.ShouldBe("3500");
        _world.Cluster.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void Too_much_before_the_welcome_closes()
    {
        _door.Hold();
        var client = _world.OpenJson().Send(Hello(Token()));
        var ping = string.Join('\n', Enumerable.Repeat("""{"id":2,"t":"ping"}""", 5000));
        client.Send(ping).Closed.ShouldBeNull();
        client.Send(ping).Closed.ShouldBe("3500");
    }

    [Fact]
    public void An_authority_that_is_away_is_a_temporary_error_and_the_hello_may_be_tried_again()
    {
        _door.Away = true;
        var client = _world.OpenJson().Send(Hello(Token()));
        client.Errors.ShouldBe(["unavailable"]);
        client.Closed.ShouldBeNull();
        _door.Away = false;
        client.Send(Hello(Token())).Types.ShouldBe(["error", "welcome"]);
    }

    [Fact]
    public void A_hello_that_is_never_judged_is_closed_in_time()
    {
        _door.Hold();
        var client = _world.OpenJson().Send(Hello(Token()));
        _world.RunFor(TimeSpan.FromSeconds(12));
        client.Closed.ShouldBe("3500");
        _door.Release();
        _world.Run();
        client.Types.ShouldBeEmpty();
    }

    private static string Hello(string token) => $$"""{"id":1,"t":"hello","token":"{{token}}"}""";

    private string Token(TimeSpan? life = null)
        => TestTokens.Hs256(TestTokens.Claims("ann", _world.Simulation.Clock.GetUtcNow() + (life ?? TimeSpan.FromHours(1))));

    /// <summary>Asks somebody who takes a while.</summary>
    private sealed class LateAuthenticator : IAuthenticator
    {
        private TaskCompletionSource? _held;

        public TokenAuthenticator Inner { get; set; } = null!;

        public bool Away { get; set; }

        public bool TakesAnonymous => Inner.TakesAnonymous;

        public void Hold() => _held = new TaskCompletionSource();

        public void Release() => _held!.SetResult();

        public async ValueTask<Admission> AdmitAsync(Credentials credentials, CancellationToken cancellationToken)
        {
            if (_held is { } held)
                await held.Task;
            return Away ? new ProtocolError(ErrorCode.Unavailable, "away", 1000) : await Inner.AdmitAsync(credentials, cancellationToken);
        }
    }
}
