using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>Bad input over HTTP: problem documents with the protocol's codes.</summary>
[Collection(SharedNode.Collection)]
public sealed class BadHttpTests(SharedNode shared)
{
    private const string Long129 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private static readonly Dictionary<string, (int Status, string Code, string Body)> Posts = new(StringComparer.Ordinal)
    {
        ["no JSON"] = (400, "bad_request", "text"),
        ["empty"] = (400, "bad_request", ""),
        ["an array"] = (400, "bad_request", "[]"),
        ["no text"] = (400, "bad_request", "{}"),
        ["text is a number"] = (400, "bad_request", """{"text":5}"""),
        ["empty text"] = (400, "bad_request", """{"text":""}"""),
        ["NUL"] = (400, "bad_request", """{"text":"\u0000"}"""),
        ["lone surrogate"] = (400, "bad_request", """{"text":"\udc00"}"""),
        ["mid too long"] = (400, "bad_request", $$"""{"text":"x","mid":"{{Long129}}"}"""),
        ["negative reply"] = (400, "bad_request", """{"text":"x","reply":-1}"""),
        ["17 levels"] = (400, "bad_request", """{"text":"x","a":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}"""),
        ["text too long"] = (413, "too_long", $$"""{"text":"{{new string('x', 16_385)}}"}"""),
        ["body over the limit"] = (413, "too_long", $$"""{"text":"x","a":"{{new string('x', 201_000)}}"}"""),
    };

    public static TheoryData<string> PostNames => [.. Posts.Keys];

    [Theory]
    [MemberData(nameof(PostNames))]
    public async Task A_bad_body_is_refused(string name)
    {
        var (status, code, body) = Posts[name];

        await ShouldBeRefusedAsync(HttpMethod.Post, "api/rooms/lobby/messages", status, code, body, ("X-Guest-Name", "http"));
    }

    [Theory]
    [InlineData("api/rooms/a%20b/messages", 400, "bad_room")]
    [InlineData("api/rooms/%ED%A0%80/messages", 400, "bad_room")]
    [InlineData("api/rooms/a%07/messages", 400, "bad_room")]
    [InlineData("api/rooms/e%CC%81/messages", 400, "bad_room")]
    [InlineData("api/rooms/" + Long129 + "/messages", 400, "bad_room")]
    [InlineData("api/rooms/lobby/messages?limit=0", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?limit=-1", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?limit=201", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?limit=1e2", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?limit=99999999999999999999", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?before=0", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?before=9007199254740992", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?before=x", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?after=x", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?after=x/-1", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?after=x/1&wait=-1", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?after=x/1&wait=100000", 400, "bad_request")]
    [InlineData("api/rooms/lobby/messages?after=another/1", 409, "log_changed")]
    [InlineData("api/rooms/lobby/messages?after=another/9007199254740991&wait=20", 409, "log_changed")]
    [InlineData("api/rooms/a%20b/events", 400, "bad_room")]
    [InlineData("api/rooms/a%20b/members", 400, "bad_room")]
    [InlineData("api/rooms/nobody-was-ever-here", 404, "not_found")]
    [InlineData("api/rooms?limit=-1", 400, "bad_request")]
    [InlineData("api/rooms?prefix=%00", 400, "bad_request")]
    [InlineData("api/rooms?after=a%00b", 400, "bad_request")]
    [InlineData("api/rooms?prefix=" + Long129, 400, "bad_request")]
    [InlineData("api/rooms/lobby/members?after=%00", 400, "bad_request")]
    public async Task A_bad_question_is_refused(string path, int status, string code)
        => await ShouldBeRefusedAsync(HttpMethod.Get, path, status, code, null);

    [Theory]
    [InlineData("a%00b")]
    [InlineData("a%0Ab")]
    [InlineData("%ED%A0%80%07")]
    [InlineData("%20")]
    [InlineData(Long129)]
    public async Task A_bad_name_is_refused(string name)
        => await ShouldBeRefusedAsync(HttpMethod.Post, "api/rooms/lobby/messages", 400, "bad_name", """{"text":"x"}""", ("X-Guest-Name", name));

    [Fact]
    public async Task A_send_without_a_name_is_refused()
        => await ShouldBeRefusedAsync(HttpMethod.Post, "api/rooms/lobby/messages", 400, "bad_name", """{"text":"x"}""");

    [Theory]
    [InlineData("forged")]
    [InlineData("not base64url!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_forged_session_is_ignored_and_a_new_one_given(string session)
    {
        using var http = RoomHttp.Client(shared.Port);
        using var request = Request(HttpMethod.Post, "api/rooms/lobby/messages", """{"text":"x"}""", ("X-Guest-Name", "http"), ("X-Guest-Session", session));

        using var answer = await http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        answer.Headers.GetValues("X-Guest-Session").ShouldHaveSingleItem().ShouldNotBe(session);
        await shared.ShouldBeUnharmedAsync();
    }

    [Theory]
    [InlineData("another/5")]
    [InlineData("garbage")]
    [InlineData("/")]
    [InlineData("x/-5")]
    public async Task A_stream_that_cannot_resume_says_reset_and_goes_on(string lastEventId)
    {
        var room = "sse-" + Guid.NewGuid().ToString("N");
        await using var json = await ChatClient.ConnectAsync(shared.Port, "json");
        await json.JoinAsync(room);
        await json.SendAckedAsync(room, "m1", "x");

        await using var sse = await SseClient.OpenAsync(shared.Port, room, lastEventId);

        (await sse.NextAsync()).Type.ShouldBe("reset");
        (await sse.NextLoggedAsync()).Data.ShouldContain("m1");
        await json.SendAckedAsync(room, "m2", "x");
        (await sse.NextLoggedAsync()).Data.ShouldContain("m2");
        await shared.ShouldBeUnharmedAsync();
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003")]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")]
    [InlineData("POST /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("POST /api/rooms/lobby/messages HTTP/1.1\r\nHost: x\r\nX-Guest-Name: a\r\nConnection: close\r\nContent-Length: -5\r\n\r\n{}")]
    [InlineData("POST /api/rooms/lobby/messages HTTP/1.1\r\nHost: x\r\nX-Guest-Name: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("GET /api/rooms/%00/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/rooms/%/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /%2e%2e/%2e%2e/clusterchat.dll HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    public async Task What_is_no_request_of_ours_is_answered_or_cut(string latin1)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, shared.Port);
        var stream = socket.GetStream();

        await stream.WriteAsync(Encoding.Latin1.GetBytes(latin1));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var answer = await reader.ReadToEndAsync().Within("the end of the connection");

        if (answer.Length > 0)
            answer.ShouldMatch("^HTTP/1.1 (4[0-9][0-9]|505) ");
        await shared.ShouldBeUnharmedAsync();
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return request;
    }

    private async Task ShouldBeRefusedAsync(
        HttpMethod method, string path, int status, string code, string? body, params (string Name, string Value)[] headers)
    {
        using var http = RoomHttp.Client(shared.Port);
        using var request = Request(method, path, body, headers);

        using var answer = await http.SendAsync(request);

        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, text);
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        using var problem = JsonDocument.Parse(text);
        problem.RootElement.GetProperty("code").GetString().ShouldBe(code, text);
        problem.RootElement.GetProperty("status").GetInt32().ShouldBe(status);
        await shared.ShouldBeUnharmedAsync();
    }
}
