using System.Text.Json;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>Requests that are wrong one by one: each is answered with its error and its <c>id</c>, and the connection goes on.</summary>
[Collection(SharedNode.Collection)]
public sealed class BadRequestTests(SharedNode shared)
{
    private const string Long129 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private static readonly Dictionary<string, (string Code, string Line)> Requests = new(StringComparer.Ordinal)
    {
        ["unknown type"] = ("unknown_type", """{"id":7,"t":"dance"}"""),
        ["empty type"] = ("unknown_type", """{"id":7,"t":""}"""),
        ["type in capitals"] = ("unknown_type", """{"id":7,"t":"PING"}"""),
        ["no type"] = ("bad_request", """{"id":7}"""),
        ["type is a number"] = ("bad_request", """{"id":7,"t":5}"""),
        ["type is an object"] = ("bad_request", """{"id":7,"t":{"t":"ping"}}"""),
        ["type is null"] = ("bad_request", """{"id":7,"t":null}"""),
        ["second hello"] = ("bad_request", """{"id":7,"t":"hello","name":"other"}"""),

        ["join without room"] = ("bad_request", """{"id":7,"t":"join"}"""),
        ["room is a number"] = ("bad_request", """{"id":7,"t":"join","room":5}"""),
        ["room is an array"] = ("bad_request", """{"id":7,"t":"join","room":["lobby"]}"""),
        ["room is null"] = ("bad_request", """{"id":7,"t":"join","room":null}"""),
        ["empty room"] = ("bad_room", """{"id":7,"t":"join","room":""}"""),
        ["room with a space"] = ("bad_room", """{"id":7,"t":"join","room":"a b"}"""),
        ["room with a slash"] = ("bad_room", """{"id":7,"t":"join","room":"a/b"}"""),
        ["room with a control character"] = ("bad_room", """{"id":7,"t":"join","room":"a\u0007"}"""),
        ["room with a line break"] = ("bad_room", """{"id":7,"t":"join","room":"a\nb"}"""),
        ["room with an emoji"] = ("bad_room", """{"id":7,"t":"join","room":"\ud83d\udc4d"}"""),
        ["room in decomposed form"] = ("bad_room", """{"id":7,"t":"join","room":"e\u0301"}"""),
        ["room with a noncharacter"] = ("bad_room", """{"id":7,"t":"join","room":"a\uffff"}"""),
        ["room of 129 characters"] = ("bad_room", $$"""{"id":7,"t":"join","room":"{{Long129}}"}"""),
        ["room with NUL"] = ("bad_request", """{"id":7,"t":"join","room":"a\u0000"}"""),
        ["room with a lone surrogate"] = ("bad_request", """{"id":7,"t":"join","room":"a\ud800"}"""),
        ["room with swapped surrogates"] = ("bad_request", """{"id":7,"t":"join","room":"\udc4d\ud83d"}"""),

        ["limit below 0"] = ("bad_request", """{"id":7,"t":"join","room":"x","limit":-1}"""),
        ["limit over 200"] = ("bad_request", """{"id":7,"t":"join","room":"x","limit":201}"""),
        ["limit with a fraction"] = ("bad_request", """{"id":7,"t":"join","room":"x","limit":1.5}"""),
        ["limit is a string"] = ("bad_request", """{"id":7,"t":"join","room":"x","limit":"5"}"""),
        ["limit is infinite"] = ("bad_request", """{"id":7,"t":"join","room":"x","limit":1e999}"""),
        ["limit of 30 digits"] = ("bad_request", """{"id":7,"t":"join","room":"x","limit":999999999999999999999999999999}"""),
        ["since is a number"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":5}"""),
        ["since is empty"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":{}}"""),
        ["since without seq"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":{"log":"l"}}"""),
        ["since with an empty log"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":{"log":"","seq":1}}"""),
        ["since with a log that is a number"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":{"log":5,"seq":1}}"""),
        ["since with a negative seq"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":{"log":"l","seq":-1}}"""),
        ["since with a seq of 2^53"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":{"log":"l","seq":9007199254740992}}"""),
        ["since with a seq of 2^63"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":{"log":"l","seq":9223372036854775808}}"""),
        ["since with a seq in a string"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":{"log":"l","seq":"1"}}"""),
        ["since with NUL in its log"] = ("bad_request", """{"id":7,"t":"join","room":"x","since":{"log":"l\u0000","seq":1}}"""),

        ["send without mid"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","text":"x"}"""),
        ["empty mid"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"","text":"x"}"""),
        ["mid of 65 characters"] = ("bad_request", $$"""{"id":7,"t":"send","room":"lobby","mid":"{{Long129[..65]}}","text":"x"}"""),
        ["mid that is not ASCII"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"é","text":"x"}"""),
        ["mid with a control character"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"a\u0001","text":"x"}"""),
        ["mid is a number"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":5,"text":"x"}"""),
        ["send without text"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m"}"""),
        ["text is a number"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":5}"""),
        ["text is an object"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":{}}"""),
        ["empty text"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":""}"""),
        ["text with NUL"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"a\u0000b"}"""),
        ["text with a lone high surrogate"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"a\ud83d"}"""),
        ["text with a lone low surrogate"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"\udc4da"}"""),
        ["text of 16,385 bytes"] = ("too_long", $$"""{"id":7,"t":"send","room":"lobby","mid":"m","text":"{{new string('x', 16385)}}"}"""),
        ["text of 5,462 characters of 3 bytes"] = ("too_long", $$"""{"id":7,"t":"send","room":"lobby","mid":"m","text":"{{new string('語', 5462)}}"}"""),
        ["data is a string"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"x","data":"y"}"""),
        ["data is an array"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"x","data":[1]}"""),
        ["data with NUL in a name"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"x","data":{"a\u0000":1}}"""),
        ["data with a lone surrogate, deep"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"x","data":{"a":[{"b":"\ud800"}]}}"""),
        ["data of over 16 KiB"] = ("too_long", $$$"""{"id":7,"t":"send","room":"lobby","mid":"m","text":"x","data":{"a":"{{{new string('x', 16385)}}}"}}"""),
        ["reply to 0"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"x","reply":0}"""),
        ["reply to -1"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"x","reply":-1}"""),
        ["reply to 2^53"] = ("bad_request", """{"id":7,"t":"send","room":"lobby","mid":"m","text":"x","reply":9007199254740992}"""),
        ["NUL in a field that nobody knows"] = ("bad_request", """{"id":7,"t":"ping","whatever":"\u0000"}"""),
        ["NUL in a name that nobody knows"] = ("bad_request", """{"id":7,"t":"ping","what\u0000ever":1}"""),

        ["send to a room that was not joined"] = ("not_joined", """{"id":7,"t":"send","room":"elsewhere","mid":"m","text":"x"}"""),
        ["history of a room that was not joined"] = ("not_joined", """{"id":7,"t":"history","room":"elsewhere"}"""),
        ["members of a room that was not joined"] = ("not_joined", """{"id":7,"t":"members","room":"elsewhere"}"""),
        ["leaving a room that was not joined"] = ("not_joined", """{"id":7,"t":"leave","room":"elsewhere"}"""),
        ["history before 0"] = ("bad_request", """{"id":7,"t":"history","room":"lobby","before":0}"""),
        ["history before -9"] = ("bad_request", """{"id":7,"t":"history","room":"lobby","before":-9}"""),
        ["history before 10^400"] = ("bad_request", """{"id":7,"t":"history","room":"lobby","before":1e400}"""),
        ["history with a limit of -2^63"] = ("bad_request", """{"id":7,"t":"history","room":"lobby","limit":-9223372036854775808}"""),
        ["members after a number"] = ("bad_request", """{"id":7,"t":"members","room":"lobby","after":5}"""),
        ["members with a limit of 10,000"] = ("bad_request", """{"id":7,"t":"members","room":"lobby","limit":10000}"""),
        ["rooms with a prefix that is a number"] = ("bad_request", """{"id":7,"t":"rooms","prefix":5}"""),
        ["rooms with a prefix with NUL"] = ("bad_request", """{"id":7,"t":"rooms","prefix":"\u0000"}"""),
        ["rooms with a prefix of 129 characters"] = ("bad_request", $$"""{"id":7,"t":"rooms","prefix":"{{Long129}}"}"""),
        ["name that another guest has in the room"] = ("name_taken", """{"id":7,"t":"join","room":"taken"}"""),
    };

    private static readonly Dictionary<string, string> Ids = new(StringComparer.Ordinal)
    {
        ["0"] = "0",
        ["negative"] = "-1",
        ["a fraction"] = "1.5",
        ["an exponent"] = "1e3",
        ["2^53"] = "9007199254740992",
        ["huge"] = "1e999",
        ["a string"] = "\"7\"",
        ["true"] = "true",
        ["an object"] = "{}",
    };

    private static readonly Dictionary<string, (string Code, string Hello)> Hellos = new(StringComparer.Ordinal)
    {
        ["no name"] = ("bad_name", """{"id":7,"t":"hello"}"""),
        ["name is a number"] = ("bad_request", """{"id":7,"t":"hello","name":5}"""),
        ["empty name"] = ("bad_name", """{"id":7,"t":"hello","name":""}"""),
        ["name of 33 characters"] = ("bad_name", $$"""{"id":7,"t":"hello","name":"{{Long129[..33]}}"}"""),
        ["name with a control character"] = ("bad_name", """{"id":7,"t":"hello","name":"a\u0007b"}"""),
        ["name with a line break"] = ("bad_name", """{"id":7,"t":"hello","name":"a\nb"}"""),
        ["name with DEL"] = ("bad_name", """{"id":7,"t":"hello","name":"a\u007fb"}"""),
        ["name with a C1 control character"] = ("bad_name", """{"id":7,"t":"hello","name":"a\u0085b"}"""),
        ["name that turns the text around"] = ("bad_name", """{"id":7,"t":"hello","name":"a\u202eb"}"""),
        ["name of nothing visible"] = ("bad_name", """{"id":7,"t":"hello","name":"\u200b\u200b"}"""),
        ["name with NUL"] = ("bad_request", """{"id":7,"t":"hello","name":"a\u0000b"}"""),
        ["name with a lone surrogate"] = ("bad_request", """{"id":7,"t":"hello","name":"a\ud800"}"""),
        ["session is a number"] = ("bad_request", """{"id":7,"t":"hello","name":"a","session":5}"""),
        ["session with NUL"] = ("bad_request", """{"id":7,"t":"hello","name":"a","session":"\u0000"}"""),
    };

    public static TheoryData<string> RequestNames => [.. Requests.Keys];

    public static TheoryData<string> IdNames => [.. Ids.Keys];

    public static TheoryData<string> HelloNames => [.. Hellos.Keys];

    [Theory]
    [MemberData(nameof(RequestNames))]
    public async Task A_wrong_request_is_answered_with_its_error_and_the_connection_goes_on(string name)
    {
        var (code, line) = Requests[name];
        var guest = Guid.NewGuid().ToString("N");
        await using var holder = await ChatClient.ConnectAsync(shared.Port, guest);
        await holder.JoinAsync("taken");
        await using var client = await ChatClient.ConnectAsync(shared.Port, guest);
        await client.JoinAsync("lobby", limit: 0);

        await client.WriteAsync(line);
        var error = await client.WaitForAsync(l => l.GetProperty("t").GetString() == "error", "the error");

        error.GetProperty("code").GetString().ShouldBe(code, error.ToString());
        error.GetProperty("id").GetInt64().ShouldBe(7);
        error.GetProperty("message").GetString().ShouldNotBeNullOrWhiteSpace();
        error.GetProperty("temporary").GetBoolean().ShouldBeFalse();
        await client.ShouldAnswerAsync();
        await client.SendAckedAsync("lobby", Guid.NewGuid().ToString("N"), "and on it goes");
        client.Trace("lobby").Violations.ShouldBeEmpty();
        await shared.ShouldBeUnharmedAsync();
    }

    [Theory]
    [MemberData(nameof(IdNames))]
    public async Task A_wrong_id_is_answered_without_one(string name)
    {
        await using var client = await ChatClient.ConnectAsync(shared.Port, "bad");

        await client.WriteAsync($$"""{"id":{{Ids[name]}},"t":"ping"}""");
        var error = await client.WaitForAsync(l => l.GetProperty("t").GetString() == "error", "the error");

        error.GetProperty("code").GetString().ShouldBe("bad_request");
        error.TryGetProperty("id", out _).ShouldBeFalse();
        await client.ShouldAnswerAsync();
        await shared.ShouldBeUnharmedAsync();
    }

    [Theory]
    [MemberData(nameof(HelloNames))]
    public async Task A_wrong_hello_is_answered_and_may_be_followed_by_a_right_one(string name)
    {
        var (code, hello) = Hellos[name];
        await using var wire = await WebSocketWire.ConnectAsync(shared.Port);

        await wire.SendTextAsync(hello);
        var error = JsonDocument.Parse(await wire.ReadTextAsync()).RootElement;
        error.GetProperty("code").GetString().ShouldBe(code, error.ToString());
        error.GetProperty("id").GetInt64().ShouldBe(7);

        await wire.SendTextAsync("""{"id":8,"t":"hello","name":"better"}""");
        (await wire.ReadTextAsync()).ShouldContain("\"welcome\",\"id\":8");
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task Typing_has_no_answer_also_where_the_room_was_not_joined()
    {
        await using var client = await ChatClient.ConnectAsync(shared.Port, "typist");

        await client.WriteAsync("""{"id":7,"t":"typing","room":"elsewhere"}""");
        await client.ShouldAnswerAsync();

        client.Lines.Select(l => l.GetProperty("t").GetString()).ShouldBe(["welcome", "pong"]);
        await shared.ShouldBeUnharmedAsync();
    }
}
