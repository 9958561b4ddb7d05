using System.Text;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Protocol;

namespace ClusterChat.Cluster.Tests;

/// <summary>Input that is not of the protocol at all: the connection is closed with the code that the protocol says.</summary>
[Collection(SharedNode.Collection)]
public sealed class BadFrameTests(SharedNode shared)
{
    private const int Unauthorized = 3500;
    private const int BadRequest = 3501;
    private static readonly int Limit = ProtocolLimits.Default.MaxFrameBytes;

    private static readonly Dictionary<string, (int Code, byte[] Bytes)> BeforeHello = new(StringComparer.Ordinal)
    {
        ["join"] = (Unauthorized, Text("""{"id":1,"t":"join","room":"lobby"}""")),
        ["send"] = (Unauthorized, Text("""{"id":1,"t":"send","room":"lobby","mid":"m","text":"x"}""")),
        ["ping"] = (Unauthorized, Text("""{"id":1,"t":"ping"}""")),
        ["unknown type"] = (Unauthorized, Text("""{"id":1,"t":"dance"}""")),
        ["join without a room"] = (Unauthorized, Text("""{"id":1,"t":"join"}""")),
        ["join of a bad room"] = (Unauthorized, Text("""{"id":1,"t":"join","room":"a b"}""")),
        ["no type"] = (Unauthorized, Text("{}")),
        ["two requests, the second a hello"] = (Unauthorized, Text("{\"t\":\"ping\"}\n{\"id\":1,\"t\":\"hello\",\"name\":\"a\"}")),
        ["no JSON"] = (BadRequest, Text("hello")),
        ["binary"] = (BadRequest, WebSocketWire.Frame(WireFrame.Binary, "{}"u8)),
        ["invalid UTF-8"] = (BadRequest, WebSocketWire.Frame(WireFrame.TextFrame, [0xFF])),
    };

    private static readonly Dictionary<string, byte[]> Violations = new(StringComparer.Ordinal)
    {
        ["frame over the limit by one KiB"] = Text(Padded(Limit + 1024)),
        ["frame over the limit by one byte"] = Text(Padded(Limit + 1)),
        ["frame of 1 MiB"] = Text(Padded(1024 * 1024)),
        ["one KiB over the limit in fragments"] = Fragments(Padded(Limit + 1024), 13),
        ["frame that claims 2^62 bytes"] = [0x81, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
        ["frame that claims 2^63 bytes"] = [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
        ["JSON of 17 levels"] = Text(Nested(17)),
        ["JSON of 17 levels of arrays"] = Text("{\"t\":\"ping\",\"x\":" + new string('[', 16) + new string(']', 16) + "}"),
        ["JSON of 30,000 levels"] = Text("{\"x\":" + new string('[', 30_000)),
        ["invalid UTF-8 in a string"] = WebSocketWire.Frame(WireFrame.TextFrame, [.. "{\"t\":\"ping\",\"x\":\""u8, 0xC3, 0x28, .. "\"}"u8]),
        ["overlong UTF-8"] = WebSocketWire.Frame(WireFrame.TextFrame, [.. "{\"t\":\"ping\",\"x\":\""u8, 0xC0, 0x80, .. "\"}"u8]),
        ["surrogates in UTF-8"] = WebSocketWire.Frame(WireFrame.TextFrame, [.. "{\"t\":\"ping\",\"x\":\""u8, 0xED, 0xA0, 0x80, .. "\"}"u8]),
        ["UTF-8 that is cut off"] = WebSocketWire.Frame(WireFrame.TextFrame, [.. "{\"t\":\"ping\",\"x\":\""u8, 0xE2, 0x82]),
        ["binary"] = WebSocketWire.Frame(WireFrame.Binary, "{\"t\":\"ping\"}"u8),
        ["empty binary"] = WebSocketWire.Frame(WireFrame.Binary, []),
        ["half a JSON object"] = Text("{\"t\":\"ping\""),
        ["a word"] = Text("ping"),
        ["an array"] = Text("[{\"t\":\"ping\"}]"),
        ["a string"] = Text("\"ping\""),
        ["two objects on a line"] = Text("{\"t\":\"ping\"}{\"t\":\"ping\"}"),
        ["trailing comma"] = Text("{\"t\":\"ping\",}"),
        ["comment"] = Text("{\"t\":\"ping\"/**/}"),
        ["NaN"] = Text("{\"t\":\"ping\",\"id\":NaN}"),
        ["leading zero"] = Text("{\"t\":\"ping\",\"id\":01}"),
        ["single quotes"] = Text("{'t':'ping'}"),
        ["bare control character"] = Text("{\"t\":\"ping\",\"x\":\"\u0001\"}"),
        ["bare NUL"] = Text("{\"t\":\"ping\",\"x\":\"\0\"}"),
        ["NUL behind the object"] = Text("{\"t\":\"ping\"}\0"),
        ["byte order mark"] = WebSocketWire.Frame(WireFrame.TextFrame, [0xEF, 0xBB, 0xBF, .. "{\"t\":\"ping\"}"u8]),
        ["bad escape"] = Text("""{"t":"ping","x":"\x41"}"""),
        ["frame without a mask"] = WebSocketWire.Frame(WireFrame.TextFrame, "{\"t\":\"ping\"}"u8, masked: false),
        ["reserved bit"] = WebSocketWire.Frame(WireFrame.TextFrame, "{\"t\":\"ping\"}"u8, reserved: 0x40),
        ["reserved data opcode"] = WebSocketWire.Frame(3, "{}"u8),
        ["reserved control opcode"] = WebSocketWire.Frame(0xB, "{}"u8),
        ["ping in fragments"] = WebSocketWire.Frame(WireFrame.Ping, "x"u8, final: false),
        ["ping of 126 bytes"] = WebSocketWire.Frame(WireFrame.Ping, new byte[126]),
        ["continuation of nothing"] = WebSocketWire.Frame(WireFrame.Continuation, "{}"u8),
        ["message inside a message"] = [.. WebSocketWire.Frame(WireFrame.TextFrame, "{"u8, final: false), .. WebSocketWire.Frame(WireFrame.TextFrame, "{}"u8)],
        ["length not in its shortest form"] = [0x81, 0xFE, 0, 2, 0, 0, 0, 0, (byte)'{', (byte)'}'],
        ["close code of one byte"] = WebSocketWire.Frame(WireFrame.CloseFrame, [3]),
        ["close code 1005"] = WebSocketWire.Frame(WireFrame.CloseFrame, [0x03, 0xED]),
        ["close reason that is no UTF-8"] = WebSocketWire.Frame(WireFrame.CloseFrame, [0x03, 0xE8, 0xFF]),
    };

    public static TheoryData<string> BeforeHelloNames => [.. BeforeHello.Keys];

    public static TheoryData<string> ViolationNames => [.. Violations.Keys];

    [Theory]
    [MemberData(nameof(BeforeHelloNames))]
    public async Task Anything_before_hello_closes(string name)
    {
        var (code, bytes) = BeforeHello[name];
        await using var wire = await WebSocketWire.ConnectAsync(shared.Port);

        await wire.SendRawAsync(bytes);

        (await wire.ReadCloseAsync()).ShouldBe(code);
        await shared.ShouldBeUnharmedAsync();
    }

    [Theory]
    [MemberData(nameof(ViolationNames))]
    public async Task A_violation_closes_with_3501(string name)
    {
        await using var wire = await shared.HelloRawAsync("bad");

        await wire.SendRawAsync(Violations[name]);

        (await wire.ReadCloseAsync()).ShouldBe(BadRequest);
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task What_came_before_a_violation_counts_and_what_comes_behind_it_does_not()
    {
        var room = "cut-" + Guid.NewGuid().ToString("N");
        await using var client = await ChatClient.ConnectAsync(shared.Port, "bad");
        await client.JoinAsync(room);

        await client.WriteAsync(Send("one"), "no JSON", Send("two"));

        (await client.Closed.Within("the close")).ShouldBe(BadRequest);
        using var http = RoomHttp.Client(shared.Port);
        await using var witness = await ChatClient.ConnectAsync(shared.Port, "witness");
        await witness.JoinAsync(room);
        await witness.SendAckedAsync(room, "three", "x");
        (await http.ReadHistoryAsync(room)).Select(e => e.GetProperty("mid").GetString()).ShouldBe(["one", "three"]);
        await shared.ShouldBeUnharmedAsync();

        string Send(string mid) => $$"""{"t":"send","room":"{{room}}","mid":"{{mid}}","text":"x"}""";
    }

    [Fact]
    public async Task The_largest_and_deepest_that_is_allowed_is_taken()
    {
        await using var wire = await shared.HelloRawAsync("big");

        await wire.SendTextAsync(Padded(Limit));
        (await wire.ReadTextAsync()).ShouldContain("pong");
        await wire.SendRawAsync(Fragments(Padded(Limit), 64));
        (await wire.ReadTextAsync()).ShouldContain("pong");
        await wire.SendTextAsync(Nested(16));
        (await wire.ReadTextAsync()).ShouldContain("pong");
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task A_frame_may_come_byte_by_byte_and_a_ping_between_fragments()
    {
        await using var wire = await shared.HelloRawAsync("slow");
        var ping = """{"id":5,"t":"ping","x":"é語👍"}""";

        foreach (var one in Text(ping))
            await wire.SendRawAsync(new[] { one });
        (await wire.ReadTextAsync()).ShouldContain("pong");

        var bytes = Encoding.UTF8.GetBytes(ping);
        await wire.SendRawAsync(WebSocketWire.Frame(WireFrame.TextFrame, bytes.AsSpan(0, 24), final: false));
        await wire.SendRawAsync(WebSocketWire.Frame(WireFrame.Ping, "are you there"u8));
        await wire.SendRawAsync(WebSocketWire.Frame(WireFrame.Continuation, [], final: false));
        await wire.SendRawAsync(WebSocketWire.Frame(WireFrame.Continuation, bytes.AsSpan(24)));
        var pong = await wire.ReadAsync().Within("a pong");
        (pong!.Opcode, pong.Text).ShouldBe((WireFrame.Pong, "are you there"));
        (await wire.ReadTextAsync()).ShouldContain("pong");
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task A_clients_close_is_answered_with_its_own_code()
    {
        await using var wire = await shared.HelloRawAsync("polite");

        await wire.SendCloseAsync(1001);

        (await wire.ReadCloseAsync()).ShouldBe(1001);
        (await wire.ReadAsync().Within("the end of the stream")).ShouldBeNull();
        await shared.ShouldBeUnharmedAsync();
    }

    [Fact]
    public async Task Connections_that_are_reset_at_any_point_harm_nobody()
    {
        for (var i = 0; i < 50; i++)
        {
            var wire = i % 5 == 0 ? await WebSocketWire.OpenAsync(shared.Port) : await shared.HelloRawAsync("gone");
            await wire.SendRawAsync((i % 5) switch
            {
                0 => "GET /ws HTT"u8.ToArray(),
                1 => Text("""{"id":2,"t":"join","room":"lobby"}"""),
                2 => Text("""{"id":2,"t":"join","room":"lobby"}""" + "\n" + """{"t":"send","room":"lobby","mid":"gone","text":"x"}"""),
                3 => Text("""{"id":2,"t":"rooms"}""")[..9],
                _ => WebSocketWire.Frame(WireFrame.Ping, "x"u8),
            });
            wire.Reset();
        }

        await shared.ShouldBeUnharmedAsync();
    }

    private static byte[] Text(string text) => WebSocketWire.Frame(WireFrame.TextFrame, Encoding.UTF8.GetBytes(text));

    /// <summary>A ping of so many bytes.</summary>
    private static string Padded(int bytes)
    {
        const string Head = "{\"t\":\"ping\",\"id\":9,\"x\":\"";
        return Head + new string('x', bytes - Head.Length - 2) + "\"}";
    }

    /// <summary>A ping of so many levels, its own object included.</summary>
    private static string Nested(int levels)
        => "{\"t\":\"ping\",\"x\":" + string.Concat(Enumerable.Repeat("{\"x\":", levels - 2)) + "{}" + new string('}', levels - 1);

    private static byte[] Fragments(string text, int count)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var pieces = bytes.Chunk((bytes.Length + count - 1) / count).ToList();
        return [.. pieces.SelectMany((p, i) => WebSocketWire.Frame(
            i == 0 ? WireFrame.TextFrame : WireFrame.Continuation, p, final: i == pieces.Count - 1))];
    }
}
