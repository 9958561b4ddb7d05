using System.Text;
using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

/// <summary>What holds for every line, whatever its type.</summary>
public sealed class RequestSyntaxTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("9007199254740991", 9007199254740991)]
    public void An_id_is_an_integer_that_every_client_can_hold(string id, long value) =>
        Wire.Accepted<PingRequest>($$"""{"t":"ping","id":{{id}}}""").Id.ShouldBe(value);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("-0")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("1E0")]
    [InlineData("\"1\"")]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("9007199254740992")]
    [InlineData("99999999999999999999999999999")]
    public void A_bad_id_is_refused_without_an_id(string id)
    {
        Wire.Refused($$"""{"t":"ping","id":{{id}}}""", ErrorCode.BadRequest, id: null).Message.ShouldStartWith("id: ");
        Wire.Refused($$"""{"id":{{id}},"t":"nonsense"}""", ErrorCode.BadRequest, id: null);
    }

    [Fact]
    public void A_null_is_an_absent_field()
    {
        Wire.Accepted<HelloRequest>("""{"id":null,"t":"hello","name":null,"session":null,"token":null}""")
            .ShouldBe(new HelloRequest(null, null, null, null));
        Wire.Accepted<JoinRequest>("""{"t":"join","room":"l","since":null,"limit":null}""").ShouldBe(new JoinRequest(null, "l", null, 50));
        var send = Wire.Accepted<SendRequest>("""{"t":"send","room":"l","mid":"m","text":"x","reply":null,"data":null}""");
        (send.Reply, send.Data.Length).ShouldBe((null, 0));
    }

    [Fact]
    public void The_type_may_stand_anywhere_and_names_may_be_escaped()
    {
        Wire.Accepted<JoinRequest>("""{"room":"l","limit":3,"id":4,"t":"join"}""").ShouldBe(new JoinRequest(4, "l", null, 3));
        Wire.Accepted<JoinRequest>("""{"\u0072oom":"\u006c","\u0074":"\u006aoin"}""").Room.ShouldBe("l");
    }

    [Fact]
    public void Unknown_fields_are_ignored_whatever_they_hold()
    {
        Wire.Accepted<PingRequest>("""{"x":{"t":"join","id":"no","room":[1,{"id":-1}]},"y":[[[]]],"t":"ping","ID":0,"seq":-1,"log":[],"":1}""")
            .ShouldBe(new PingRequest(null));
        Wire.Accepted<PingRequest>("""{"t":"ping","room":5,"limit":"x","since":1,"data":[]}""");
    }

    [Fact]
    public void The_last_of_duplicate_fields_counts() =>
        Wire.Accepted<JoinRequest>("""{"t":"ping","room":5,"id":"x","t":"join","id":4,"room":"l"}""").ShouldBe(new JoinRequest(4, "l", null, 50));

    [Fact]
    public void White_space_around_and_inside_the_object_is_fine() =>
        Wire.Accepted<PingRequest>(" \t\r\n{ \"t\" :\t\"ping\" ,\r\n \"id\" : 4 } \r\n").Id.ShouldBe(4);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("\"ping\"")]
    [InlineData("[]")]
    [InlineData("""[{"t":"ping"}]""")]
    [InlineData("""{"t":"ping"} {"t":"ping"}""")]
    [InlineData("""{"t":"ping"}{"t":"ping"}""")]
    [InlineData("""{"t":"ping"} x""")]
    [InlineData("""{"t":"ping"},""")]
    [InlineData("""{"t":"ping",}""")]
    [InlineData("""{"t":"ping","x":[1,]}""")]
    [InlineData("""{"t":"ping" /* no */}""")]
    [InlineData("""{"t":"ping"} // no""")]
    [InlineData("""{t:"ping"}""")]
    [InlineData("""{'t':'ping'}""")]
    [InlineData("""{"t":"ping","x":NaN}""")]
    [InlineData("""{"t":"ping","x":Infinity}""")]
    [InlineData("""{"t":"ping","id":01}""")]
    [InlineData("""{"t":"ping","id":+1}""")]
    [InlineData("""{"t":"ping","id":.5}""")]
    [InlineData("""{"t":"ping","x":1.}""")]
    [InlineData("""{"t":"ping","x":"\x41"}""")]
    [InlineData("""{"t":"ping","x":"\u12g4"}""")]
    [InlineData("""{"t":"ping","x":"\u12"}""")]
    [InlineData("""{"t":"ping","x":tru}""")]
    [InlineData("""{"t":"ping" """)]
    [InlineData("""{"t":"pi""")]
    [InlineData("""{"t":""")]
    [InlineData("{")]
    [InlineData("{\"t\":\"ping\",\"x\":\"a\nb\"}")]
    [InlineData("{\"t\":\"ping\",\"x\":\"a\tb\"}")]
    [InlineData("{\"t\":\"ping\",\"x\":\"a\0b\"}")]
    [InlineData("{\"t\":\"ping\"}\0")]
    [InlineData("\ufeff{\"t\":\"ping\"}")]
    public void What_is_not_one_JSON_object_ends_the_connection(string line) => Wire.Fatal(Encoding.UTF8.GetBytes(line));

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc0, 0x80 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData(new byte[] { 0xf4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xe2, 0x82 })]
    public void Invalid_UTF8_ends_the_connection_wherever_it_stands(byte[] bytes)
    {
        Wire.Fatal([.. "{\"t\":\"send\",\"room\":\"l\",\"mid\":\"m\",\"text\":\""u8, .. bytes, .. "\"}"u8]);
        Wire.Fatal([.. "{\"t\":\"ping\",\"ignored\":\""u8, .. bytes, .. "\"}"u8]);
        Wire.Fatal([.. "{\"t\":\"ping\",\""u8, .. bytes, .. "\":1}"u8]);
        Wire.Fatal([.. "{\"t\":\"ping\"}"u8, .. bytes]);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("data")]
    [InlineData("since")]
    [InlineData("id")]
    public void Sixteen_levels_are_allowed_and_one_more_is_not(string field)
    {
        static string Nested(string field, int levels) =>
            $$"""{"t":"ping","{{field}}":{{new string('[', levels)}}{{new string(']', levels)}}}""";

        Wire.Parse(Nested(field, 15)).Fatal.ShouldBeFalse();
        Wire.Fatal(Encoding.UTF8.GetBytes(Nested(field, 16)));
        Wire.Fatal(Encoding.UTF8.GetBytes(Nested(field, 10000)));
    }

    [Fact]
    public void Data_keeps_all_the_levels_that_it_may_have()
    {
        var data = string.Concat(Enumerable.Repeat("""{"a":""", 14)) + "{}" + new string('}', 14);
        Wire.Text(Wire.Accepted<SendRequest>($$"""{"t":"send","room":"l","mid":"m","text":"x","data":{{data}}}""").Data.Span).ShouldBe(data);
    }

    [Fact]
    public void A_line_over_the_limit_of_a_frame_ends_the_connection()
    {
        static byte[] Ping(int length) => Encoding.UTF8.GetBytes("""{"t":"ping"}""".PadRight(length));

        Wire.Parser.Parse(Ping(118_784)).Request.ShouldNotBeNull();
        Wire.Fatal(Ping(118_785));
    }

    [Fact]
    public void Whatever_is_within_the_limits_of_text_and_data_fits_into_a_frame_however_it_is_escaped()
    {
        static string Escaped(char unit, int count) => string.Concat(Enumerable.Repeat($"\\u{(int)unit:x4}", count));
        static string Send(int text) => """{"id":9007199254740991,"t":"send","reply":9007199254740991,"room":"ROOM","mid":"MID","text":"TEXT","data":{"k":"DATA"}}"""
            .Replace("ROOM", Escaped('r', 128), StringComparison.Ordinal)
            .Replace("MID", Escaped('m', 64), StringComparison.Ordinal)
            .Replace("TEXT", Escaped('\u0001', text), StringComparison.Ordinal)
            .Replace("DATA", Escaped('d', (16384 - 8) / 6).PadRight(16384 - 8, 'd'), StringComparison.Ordinal);

        var send = Wire.Accepted<SendRequest>(Send(16384));
        send.Text.ShouldBe(new string('\u0001', 16384));
        send.Data.Length.ShouldBe(16384);
        var refused = Wire.Parse(Send(16385));
        refused.Fatal.ShouldBeFalse();
        refused.Error!.Code.ShouldBe(ErrorCode.TooLong);
    }

    [Fact]
    public void The_limit_of_a_frame_goes_with_that_of_a_text()
    {
        new ProtocolLimits { MaxTextBytes = 100_000, MaxDataBytes = 100_000 }.MaxFrameBytes.ShouldBe(704_096);
        new ProtocolLimits { MaxTextBytes = int.MaxValue, MaxDataBytes = int.MaxValue }.MaxFrameBytes.ShouldBe(int.MaxValue);
    }

    [Theory]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":"FAULT"}""", "text: ")]
    [InlineData("""{"id":7,"t":"send","room":"FAULT","mid":"m","text":"x"}""", "room: ")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"FAULT","text":"x"}""", "mid: ")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":"x","data":{"a":[{"b":"FAULT"}]}}""", "data: ")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":"x","data":{"FAULT":1}}""", "data: ")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{"log":"FAULT","seq":1}}""", "since: ")]
    [InlineData("""{"id":7,"t":"hello","name":"FAULT"}""", "name: ")]
    [InlineData("""{"id":7,"t":"hello","token":"FAULT"}""", "token: ")]
    [InlineData("""{"t":"ping","ignored":"FAULT","id":7}""", "a field: ")]
    [InlineData("""{"t":"ping","ignored":[["FAULT"]],"id":7}""", "a field: ")]
    [InlineData("""{"t":"ping","FAULT":1,"id":7}""", "a field: ")]
    [InlineData("""{"t":"FAULT","id":7}""", "t: ")]
    [InlineData("""{"t":"ping","text":"FAULT","text":"x","id":7}""", "text: ")]
    public void NUL_and_lone_surrogates_are_refused_in_every_string(string line, string message)
    {
        foreach (var fault in new[] { "u0000", "ud800", "uDBFF", "udc00", "uDFFF", @"ud800x", @"ud800\n", @"ud800\ud800", @"ud800\u0041", @"udc00\ud800", @"ud83d\udc4d\udc4d" })
        {
            Wire.Refused(line.Replace("FAULT", Wire.Backslash + fault), ErrorCode.BadRequest, id: 7).Message.ShouldStartWith(message);
            Wire.Refused(line.Replace("FAULT", "a" + Wire.Backslash + fault + "b"), ErrorCode.BadRequest, id: 7);
        }
    }

    [Fact]
    public void An_escaped_backslash_does_not_begin_an_escape() =>
        Wire.Accepted<SendRequest>("""{"t":"send","room":"l","mid":"m","text":"\\u0000 \\ud800 \\\\u0000"}""").Text
            .ShouldBe(@"\u0000 \ud800 \\u0000");

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n\n", new string[0])]
    [InlineData(" \r\n\t", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("\na\n\nb\r\n \n c", new[] { "a", "b\r", " c" })]
    public void A_frame_is_split_into_lines_and_empty_ones_are_ignored(string frame, string[] lines)
    {
        var found = new List<string>();
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(frame);
        while (RequestParser.TryReadLine(ref rest, out var line))
            found.Add(Encoding.UTF8.GetString(line));
        found.ShouldBe(lines);
    }

    [Fact]
    public void Limits_are_options()
    {
        var parser = new RequestParser(new ProtocolLimits { MaxTextBytes = 2, MaxDepth = 2, MaxMembersPageSize = 1000, DefaultPageSize = 5 });
        parser.Parse("""{"t":"send","room":"l","mid":"m","text":"abc"}"""u8).Error.ShouldNotBeNull().Code.ShouldBe(ErrorCode.TooLong);
        parser.Parse("""{"t":"ping","x":[]}"""u8).Fatal.ShouldBeFalse();
        parser.Parse("""{"t":"ping","x":[[]]}"""u8).Fatal.ShouldBeTrue();
        parser.Parse("""{"t":"members","room":"l","limit":1000}"""u8).Request.ShouldNotBeNull();
        parser.Parse("""{"t":"join","room":"l"}"""u8).Request.ShouldBeOfType<JoinRequest>().Limit.ShouldBe(5);
    }
}
