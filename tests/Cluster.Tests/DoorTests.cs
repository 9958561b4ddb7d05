using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterChat.Cluster.Tests.Harness;
using static ClusterChat.TestKit.Identity.TestTokens;

namespace ClusterChat.Cluster.Tests;

/// <summary>A gateway that asks for tokens, as a process: who shows none, or a bad one, gets in by no door.</summary>
public sealed class DoorTests : IAsyncLifetime
{
    private const string Origin = "https://chat.example";
    private readonly DataFolder _data = new();
    private readonly RSA _rsa = RSA.Create(2048);
    private NodeProcess _node = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        var key = Path.Combine(_data.Path, "key.pem");
        await File.WriteAllTextAsync(key, _rsa.ExportSubjectPublicKeyInfoPem());
        _node = await NodeProcess.StartAsync(NodeOptions.Unlimited(_data.Path)
            .With("Auth:Mode", "jwt").With("Auth:Jwt:PublicKeyFile", key)
            .With("Auth:Jwt:Issuer", "issuer").With("Auth:Jwt:Audience", "chat").With("AllowedOrigins:0", Origin));
        _http = RoomHttp.Client(_node.Port);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _node.DisposeAsync();
        _rsa.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Nobody_with_a_bad_token_gets_in_by_any_door_and_others_stay()
    {
        await using var ann = await ConnectAsync(Token("ann"));
        using var stranger = RSA.Create(2048);
        var expired = Claims("eve", DateTimeOffset.UtcNow.AddMinutes(-5));
        (expired["iss"], expired["aud"]) = ("issuer", "chat");
        var pem = Encoding.UTF8.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem());
        var bad = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["forged signature"] = Token("eve")[..^8] + "AAAAAAAA",
            ["another key"] = Rs256(Good("eve"), stranger),
            ["alg none"] = Make("none", null, Good("eve"), _ => []),
            ["the public key as a secret"] = Hs256(Good("eve"), pem),
            ["expired"] = Rs256(expired, _rsa),
            ["a logout token"] = Make("RS256", null, Good("eve"), data => _rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), new JsonObject { ["typ"] = "logout+jwt" }),
            ["an unknown crit"] = Make("RS256", null, Good("eve"), data => _rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), new JsonObject { ["crit"] = new JsonArray("x"), ["x"] = 1 }),
            ["wrong audience"] = Token("eve", audience: "mail"),
            ["wrong issuer"] = Token("eve", issuer: "somebody"),
            ["no token"] = "",
        };
        foreach (var (what, token) in bad)
        {
            await ShouldNotGetInAsync(what, token);
        }

        await ShouldStillChatAsync(ann);
    }

    [Fact]
    public async Task A_cookie_counts_only_from_pages_of_our_own_or_an_allowed_origin()
    {
        var cookie = $"Cookie: access_token={Token("ann")}\r\n";
        foreach (var path in new[] { "/ws", "/", "/plain" })
        {
            await using var foreign = await WebSocketWire.TryConnectAsync(_node.Port, path, cookie + "Origin: https://evil.example\r\n");
            foreign.Status.ShouldBe(403, path);
            await using var twice = await WebSocketWire.TryConnectAsync(_node.Port, path, cookie + $"Origin: {Origin}\r\nOrigin: https://evil.example\r\n");
            twice.Status.ShouldBe(403, path);
            await using var allowed = await WebSocketWire.TryConnectAsync(_node.Port, path, cookie + $"Origin: {Origin}\r\n");
            allowed.Status.ShouldBe(101, path);
        }

        await using (var client = await WebSocketWire.ConnectAsync(_node.Port, headers: cookie + $"Origin: {Origin}\r\n"))
        {
            await client.SendTextAsync("""{"id":1,"t":"hello"}""");
            JsonNode.Parse(await client.ReadTextAsync())!["user"]!.GetValue<string>().ShouldBe("ann");
        }

        // No browser: no page that could have been made to do it, and no reason to have a cookie.
        (await StatusAsync("api/rooms", r => r.Headers.Add("Cookie", "access_token=" + Token("ann")))).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync("api/rooms", r =>
        {
            r.Headers.Add("Cookie", "access_token=" + Token("ann"));
            r.Headers.Add("Sec-Fetch-Site", "same-origin");
        })).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("https://Chat.Example/", "https://chat.example")]
    [InlineData("HTTPS://chat.example:443", "https://chat.example")]
    [InlineData("http://b\u00fccher.example:8080/", "http://xn--bcher-kva.example:8080")]
    [InlineData("http://[0:0::1]:81", "http://[::1]:81")]
    [InlineData("capacitor://localhost", "capacitor://localhost")]
    public async Task An_origin_that_is_written_otherwise_than_browsers_do_is_the_same_origin(string written, string sent)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path).With("AllowedOrigins:0", written));
        await using var allowed = await WebSocketWire.TryConnectAsync(node.Port, headers: $"Origin: {sent}\r\n");
        allowed.Status.ShouldBe(101);
        await using var other = await WebSocketWire.TryConnectAsync(node.Port, headers: "Origin: https://evil.example\r\n");
        other.Status.ShouldBe(403);
        using var http = RoomHttp.Client(node.Port);
        http.DefaultRequestHeaders.Add("Origin", sent);
        using var read = await http.GetAsync(new Uri("api/rooms", UriKind.Relative));
        read.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([sent]);
    }

    [Fact]
    public async Task Without_an_allow_list_the_cookie_of_a_foreign_page_is_not_looked_at()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path).With("Auth:Mode", "jwt").With("Auth:Jwt:Secret", Secret));
        var cookie = $"Cookie: access_token={Hs256(Claims("ann", DateTimeOffset.UtcNow.AddHours(1)))}\r\n";
        await using var own = await WebSocketWire.ConnectAsync(node.Port, headers: cookie + $"Origin: http://127.0.0.1:{node.Port}\r\n");
        await own.SendTextAsync("""{"id":1,"t":"hello"}""");
        (await own.ReadTextAsync()).ShouldContain("welcome");
        foreach (var origin in new[] { "https://evil.example", $"https://127.0.0.1:{node.Port}", $"http://127.0.0.1:{node.Port}.evil.example", "null" })
        {
            await using var foreign = await WebSocketWire.ConnectAsync(node.Port, headers: cookie + $"Origin: {origin}\r\n");
            await foreign.SendTextAsync("""{"id":1,"t":"hello"}""");
            (await foreign.ReadAsync().Within("the close"))!.CloseCode.ShouldBe(3500, origin);
            await using var plain = await WebSocketWire.TryConnectAsync(node.Port, "/plain", cookie + $"Origin: {origin}\r\n");
            plain.Status.ShouldBe(401, origin);
        }

        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_token_opens_http_events_and_the_rooms_that_it_allows()
    {
        var claims = Good("ann");
        claims["rooms"] = new JsonArray("team-*");
        var token = Rs256(claims, _rsa);
        void Bearer(HttpRequestMessage request) => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);

        using var sent = await SendAsync(HttpMethod.Post, "api/rooms/team-a/messages", Bearer, """{"text":"hi"}""");
        sent.StatusCode.ShouldBe(HttpStatusCode.OK, await sent.Content.ReadAsStringAsync());
        sent.Headers.Contains("X-Guest-Session").ShouldBeFalse();
        (await StatusAsync("api/rooms/team-a/messages", Bearer)).ShouldBe(HttpStatusCode.OK);
        foreach (var path in new[] { "api/rooms/lobby/messages", "api/rooms/lobby/events", "api/rooms/lobby/members", "api/rooms/lobby" })
        {
            using var refused = await SendAsync(HttpMethod.Get, path, Bearer);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
            (await CodeAsync(refused)).ShouldBe("forbidden");
        }

        using var missing = await SendAsync(HttpMethod.Get, "api/rooms/team-a/messages?after=x/1&wait=20", _ => { });
        missing.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        missing.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");
        (await CodeAsync(missing)).ShouldBe("unauthorized");
        _node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Rooms_that_the_token_does_not_allow_are_not_listed()
    {
        await using (var ann = await ConnectAsync(Token("ann")))
        {
            await ann.SendTextAsync("""{"id":2,"t":"join","room":"secret"}""" + "\n" + """{"id":3,"t":"join","room":"team-b"}""");
            var seen = await ann.ReadTextAsync();
            while (!seen.Contains("\"id\":3", StringComparison.Ordinal))
                seen = await ann.ReadTextAsync();
        }

        var claims = Good("bob");
        claims["rooms"] = "team-*";
        using var listed = await SendAsync(HttpMethod.Get, "api/rooms", r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Rs256(claims, _rsa)));
        (await listed.Content.ReadAsStringAsync()).ShouldNotContain("secret");
    }

    [Fact]
    public async Task Oversized_headers_are_turned_away_and_others_stay()
    {
        await using var ann = await ConnectAsync(Token("ann"));
        var big = new string('a', 40_000);
        (await StatusAsync("api/rooms", r => r.Headers.TryAddWithoutValidation("X-Big", big))).ShouldBe(HttpStatusCode.RequestHeaderFieldsTooLarge);
        (await StatusAsync("api/rooms", r => r.Headers.TryAddWithoutValidation("Authorization", "Bearer " + big[..20_000]))).ShouldBe(HttpStatusCode.Unauthorized);
        await using var upgrade = await WebSocketWire.TryConnectAsync(_node.Port, headers: $"X-Big: {big}\r\n");
        upgrade.Status.ShouldBe(431);
        await ShouldStillChatAsync(ann);
    }

    [Fact]
    public void The_log_does_not_say_that_everybody_may_come_in()
    {
        _node.Output.ShouldNotContain("guest mode");
        _node.Output.ShouldContain("who has a token can chat");
    }

    private async Task ShouldNotGetInAsync(string what, string token)
    {
        await using (var wire = await WebSocketWire.ConnectAsync(_node.Port))
        {
            await wire.SendTextAsync($$"""{"id":1,"t":"hello","name":"eve","token":"{{token}}"}""");
            (await wire.ReadAsync().Within(what))!.CloseCode.ShouldBe(3500, what);
        }

        var header = token.Length > 0 ? $"Authorization: Bearer {token}\r\n" : "";
        foreach (var path in new[] { "/ws", "/plain", "/" })
        {
            await using var wire = await WebSocketWire.TryConnectAsync(_node.Port, path, header);
            wire.Status.ShouldBe(token.Length == 0 && path == "/ws" ? 101 : 401, $"{what} at {path}");
        }

        foreach (var path in new[] { "api/rooms", "api/rooms/lobby", "api/rooms/lobby/messages", "api/rooms/lobby/events", "api/rooms/lobby/members" })
            (await StatusAsync(path, r => r.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token))).ShouldBe(HttpStatusCode.Unauthorized, $"{what} at {path}");
        using var sent = await SendAsync(HttpMethod.Post, "api/rooms/lobby/messages", r => r.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token), """{"text":"in"}""");
        sent.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, what);
    }

    private async Task ShouldStillChatAsync(WebSocketWire client)
    {
        await client.SendTextAsync("""{"id":9,"t":"ping"}""");
        (await client.ReadTextAsync()).ShouldContain("pong");
        _node.ShouldBeUnharmed();
    }

    private async Task<WebSocketWire> ConnectAsync(string token)
    {
        var wire = await WebSocketWire.ConnectAsync(_node.Port);
        await wire.SendTextAsync($$"""{"id":1,"t":"hello","token":"{{token}}"}""");
        (await wire.ReadTextAsync()).ShouldContain("welcome");
        return wire;
    }

    private string Token(string user, string issuer = "issuer", string audience = "chat")
    {
        var claims = Good(user);
        (claims["iss"], claims["aud"]) = (issuer, audience);
        return Rs256(claims, _rsa);
    }

    private static JsonObject Good(string user)
    {
        var claims = Claims(user, DateTimeOffset.UtcNow.AddHours(1));
        (claims["iss"], claims["aud"]) = ("issuer", "chat");
        return claims;
    }

    private async Task<HttpStatusCode> StatusAsync(string path, Action<HttpRequestMessage> prepare)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, prepare);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Action<HttpRequestMessage> prepare, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        prepare(request);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer)
    {
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return problem.RootElement.GetProperty("code").GetString();
    }
}
