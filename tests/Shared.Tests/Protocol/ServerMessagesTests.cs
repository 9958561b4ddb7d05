using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

/// <summary>The lines as the protocol has them, byte for byte.</summary>
public sealed class ServerMessagesTests
{
    private static readonly ReadOnlyMemory<byte>[] Events =
    [
        Wire.Bytes("""{"t":"msg","seq":42}"""),
        Wire.Bytes("""{"t":"msg","seq":43}"""),
    ];

    [Fact]
    public void Every_message_is_as_the_protocol_has_it()
    {
        Check(ServerMessages.Welcome(1, "ann", "g:ann", "9f", "gw-1", 25000, 16384),
            """{"t":"welcome","id":1,"v":1,"user":"ann","uid":"g:ann","session":"9f","node":"gw-1","ping":25000,"max":16384}""");
        Check(ServerMessages.Joined(2, "lobby", "L1", 43, true, Events, false, 2, ["ann", "bob"]),
            """{"t":"joined","id":2,"room":"lobby","log":"L1","seq":43,"recovered":true,"msgs":[{"t":"msg","seq":42},{"t":"msg","seq":43}],"more":false,"count":2,"members":["ann","bob"]}""");
        Check(ServerMessages.Joined(null, "lobby", "L1", 0, false, [], true, 201, null),
            """{"t":"joined","room":"lobby","log":"L1","seq":0,"recovered":false,"msgs":[],"more":true,"count":201}""");
        Check(ServerMessages.Ack(3, "lobby", "4b", 45, 1790000000000, false),
            """{"t":"ack","id":3,"room":"lobby","mid":"4b","seq":45,"ts":1790000000000,"dup":false}""");
        Check(ServerMessages.History(7, "lobby", "L1", Events, true),
            """{"t":"history","id":7,"room":"lobby","log":"L1","msgs":[{"t":"msg","seq":42},{"t":"msg","seq":43}],"more":true}""");
        Check(ServerMessages.Members(8, "lobby", 2, ["ann", "bob"], false),
            """{"t":"members","id":8,"room":"lobby","count":2,"members":["ann","bob"],"more":false}""");
        Check(ServerMessages.Rooms(9, [new RoomSummary("lobby", 2, 45), new RoomSummary("log", 0, 0)], false),
            """{"t":"rooms","id":9,"rooms":[{"room":"lobby","count":2,"seq":45},{"room":"log","count":0,"seq":0}],"more":false}""");
        Check(ServerMessages.Rooms(null, [], false), """{"t":"rooms","rooms":[],"more":false}""");
        Check(ServerMessages.Left(10, "lobby"), """{"t":"left","id":10,"room":"lobby"}""");
        Check(ServerMessages.Pong(11), """{"t":"pong","id":11}""");
        Check(ServerMessages.Pong(null), """{"t":"pong"}""");
        Check(ServerMessages.Error(3, new ProtocolError(ErrorCode.RateLimited, "slow down", 500)),
            """{"t":"error","id":3,"code":"rate_limited","message":"slow down","temporary":true,"retryMs":500}""");
        Check(ServerMessages.Error(null, new ProtocolError(ErrorCode.BadRoom, "room: no")),
            """{"t":"error","code":"bad_room","message":"room: no","temporary":false}""");
        Check(ServerMessages.Typing("lobby", "bob", "g:bob"), """{"t":"typing","room":"lobby","from":"bob","uid":"g:bob"}""");
        Check(ServerMessages.Typing("lobby", "bob", ""), """{"t":"typing","room":"lobby","from":"bob"}""");
        Check(ServerMessages.Presence("lobby", ["cy"], ["bob"], 2),
            """{"t":"presence","room":"lobby","join":["cy"],"leave":["bob"],"count":2}""");
        Check(ServerMessages.Presence("lobby", null, null, 201), """{"t":"presence","room":"lobby","count":201}""");
        Check(ServerMessages.Reset("lobby"), """{"t":"reset","room":"lobby"}""");
        Check(ServerMessages.Kicked("lobby", "banned", "by bob"), """{"t":"kicked","room":"lobby","code":"banned","message":"by bob"}""");
        Check(ServerMessages.Notice("soon"), """{"t":"notice","text":"soon"}""");
        Check(ServerMessages.Drain(3200), """{"t":"drain","afterMs":3200}""");
        Check(ServerMessages.MessageEvent("lobby", 45, "4b", "ann", "g:ann", 1790000000000, "hi", null, default),
            """{"t":"msg","room":"lobby","seq":45,"mid":"4b","from":"ann","uid":"g:ann","ts":1790000000000,"text":"hi"}""");
        Check(ServerMessages.MessageEvent("lobby", 45, "4b", "ann", "g:ann", 1790000000000, "", 44, "{\"a\":1}"u8),
            """{"t":"msg","room":"lobby","seq":45,"mid":"4b","from":"ann","uid":"g:ann","ts":1790000000000,"text":"","reply":44,"data":{"a":1}}""");
    }

    [Fact]
    public void Only_what_JSON_demands_is_escaped() =>
        Check(ServerMessages.Notice("\"\\/\0\b\t\n\v\f\r\u000f\u0010\u001f<é>\u007f\u2028👍"),
            """{"t":"notice","text":"\"\\/\u0000\u0008\t\n\u000b\u000c\r\u000f\u0010\u001f<é>""" + "\u007f\u2028👍\"}");

    [Fact]
    public void A_lone_surrogate_from_within_the_server_becomes_a_replacement_character() =>
        Check(ServerMessages.Notice("a\ud83d\"b\udc4d"), """{"t":"notice","text":"a�\"b�"}""");

    [Fact]
    public void Large_pages_and_small_lines_do_not_disturb_each_other()
    {
        var page = Enumerable.Repeat(Wire.Bytes($$"""{"t":"msg","text":"{{new string('é', 5000)}}"}"""), 200).ToArray();
        for (var i = 0; i < 3; i++)
        {
            Wire.Json(ServerMessages.History(1, "lobby", "L", page, false)).GetProperty("msgs").GetArrayLength().ShouldBe(200);
            Check(ServerMessages.Pong(long.MaxValue), """{"t":"pong","id":9223372036854775807}""");
            var text = new string('\n', 40000);
            Wire.Json(ServerMessages.Notice(text)).GetProperty("text").GetString().ShouldBe(text);
        }
    }

    private static void Check(byte[] line, string expected)
    {
        Wire.Text(line).ShouldBe(expected);
        Wire.Json(line).ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Object);
    }
}
