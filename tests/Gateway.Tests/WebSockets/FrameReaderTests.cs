using ClusterChat.Gateway.WebSockets;
using static ClusterChat.Gateway.Tests.WebSockets.ClientFrames;

namespace ClusterChat.Gateway.Tests.WebSockets;

/// <summary>The cases of the Autobahn test suite that concern a server of text, by its section numbers.</summary>
public sealed class FrameReaderTests
{
    private const string Limit = "message over the limit";

    // 1.1, and 9.1 within the limit.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void A_text_message_of_any_size_within_the_limit_is_read(int size)
    {
        var text = new string('*', size);

        Seen.In(Text(text)).ShouldBe([Seen.Text(text)]);
        Seen.In(Text(text), 997).ShouldBe([Seen.Text(text)]);
    }

    // 1.2: not for us.
    [Theory]
    [InlineData(0)]
    [InlineData(126)]
    [InlineData(65536)]
    public void A_binary_message_is_told_at_once_and_skipped(int size)
    {
        var frames = Join(Frame(Opcode.Binary, new byte[size]), Text("ignored"), Close(1000));

        Seen.In(frames).ShouldBe([Seen.Binary(), Seen.Close(1000)]);
    }

    [Fact]
    public void A_message_over_the_limit_is_refused_before_its_payload_comes()
    {
        Seen.In(Frame(Opcode.Text, [], claimed: 65537)).ShouldBe([Seen.Violation(Limit)]);
        Seen.In(Frame(Opcode.Text, [], claimed: long.MaxValue)).ShouldBe([Seen.Violation(Limit)]);
    }

    [Fact]
    public void The_limit_counts_all_fragments()
    {
        var half = new string('*', 32768);

        Seen.In(Join(Text(half, final: false), More(half))).ShouldBe([Seen.Text(half + half)]);
        Seen.In(Join(Text(half, final: false), More(half, final: false), More("*"))).ShouldBe([Seen.Violation(Limit)]);
    }

    [Fact]
    public void After_a_refused_message_only_a_close_is_told()
    {
        var frames = Join(Text(new string('*', 70_000)), Text("b"), Ping("c"), Pong(), More("d"), Close(3000, "bye"), Text("e"));

        Seen.In(frames).ShouldBe([Seen.Violation(Limit), Seen.Close(3000, "bye")]);
        Seen.In(frames, 3).ShouldBe([Seen.Violation(Limit), Seen.Close(3000, "bye")]);
    }

    [Fact]
    public void A_second_violation_is_not_told()
    {
        Seen.In(Join(Frame(Opcode.Binary, []), Frame(Opcode.Text, [], reserved: 1), Close())).ShouldBe([Seen.Binary()]);
    }

    // 2
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    public void A_ping_is_told_with_its_payload(int size)
    {
        var payload = new string('p', size);

        Seen.In(Ping(payload)).ShouldBe([Seen.Ping(payload)]);
        Seen.In(Ping(payload), 1).ShouldBe([Seen.Ping(payload)]);
    }

    [Fact]
    public void A_ping_of_binary_bytes_is_told_as_it_is()
    {
        Seen.In(Frame(Opcode.Ping, [0x00, 0xFF, 0xFE, 0xFD])).ShouldBe([new Seen(FrameEventKind.Ping, "\0\u00FF\u00FE\u00FD")]);
    }

    [Fact]
    public void A_pong_that_nobody_asked_for_is_harmless()
    {
        Seen.In(Join(Pong("x"), Ping("y"))).ShouldBe([Seen.Pong("x"), Seen.Ping("y")]);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public void A_control_frame_of_126_bytes_is_refused(int opcode)
    {
        Seen.In(Frame((Opcode)opcode, new byte[126])).ShouldBe([Seen.Violation("control frame over 125 bytes")]);
    }

    // 3
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void Reserved_bits_are_refused(int bits)
    {
        var good = Text("a");
        var after = Join(Text("b"), Close(1000));

        Seen.In(Join(good, Frame(Opcode.Text, [1], reserved: bits), after)).ShouldBe([Seen.Text("a"), Seen.Violation("reserved bits set")]);
        Seen.In(Join(good, Frame(Opcode.Ping, [], reserved: bits), after)).ShouldBe([Seen.Text("a"), Seen.Violation("reserved bits set")]);
    }

    // 4
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    public void Reserved_opcodes_are_refused(int opcode)
    {
        Seen.In(Join(Text("a"), Frame((Opcode)opcode, [1]), Ping())).ShouldBe([Seen.Text("a"), Seen.Violation("reserved opcode")]);
    }

    // 5
    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public void A_control_frame_in_fragments_is_refused(int opcode)
    {
        Seen.In(Join(Frame((Opcode)opcode, [], final: false), More("b"))).ShouldBe([Seen.Violation("control frame in fragments")]);
    }

    [Fact]
    public void Fragments_make_one_message()
    {
        Seen.In(Join(Text("a", final: false), More("b", final: false), More("c"))).ShouldBe([Seen.Text("abc")]);
    }

    [Fact]
    public void Empty_fragments_make_an_empty_message()
    {
        Seen.In(Join(Text("", final: false), More("", final: false), More(""))).ShouldBe([Seen.Text("")]);
    }

    [Fact]
    public void Control_frames_may_come_between_fragments()
    {
        var frames = Join(Text("a", final: false), Ping("1"), More("b", final: false), Pong("2"), Ping("3"), More("c"), Text("d"));
        List<Seen> expected = [Seen.Ping("1"), Seen.Pong("2"), Seen.Ping("3"), Seen.Text("abc"), Seen.Text("d")];

        Seen.In(frames).ShouldBe(expected);
        Seen.In(frames, 1).ShouldBe(expected);
    }

    [Fact]
    public void A_close_may_come_between_fragments_and_ends_all()
    {
        Seen.In(Join(Text("a", final: false), Close(1001), More("b"))).ShouldBe([Seen.Close(1001)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_continuation_of_nothing_is_refused(bool final)
    {
        Seen.In(More("a", final)).ShouldBe([Seen.Violation("continuation of nothing")]);
        Seen.In(Join(Text("a"), More("b", final))).ShouldBe([Seen.Text("a"), Seen.Violation("continuation of nothing")]);
    }

    [Fact]
    public void A_message_inside_another_is_refused()
    {
        Seen.In(Join(Text("a", final: false), Text("b"))).ShouldBe([Seen.Violation("message begun inside another")]);
        Seen.In(Join(Text("a", final: false), Frame(Opcode.Binary, [1]))).ShouldBe([Seen.Violation("message begun inside another")]);
    }

    // RFC 6455, 5.1 and 5.2: what no honest client gets wrong.
    [Fact]
    public void A_frame_without_a_mask_is_refused()
    {
        Seen.In(Frame(Opcode.Text, [65], masked: false)).ShouldBe([Seen.Violation("frame not masked")]);
        Seen.In(Frame(Opcode.Close, [], masked: false)).ShouldBe([Seen.Violation("frame not masked")]);
    }

    [Theory]
    [InlineData(2, 0UL)]
    [InlineData(2, 125UL)]
    [InlineData(8, 0UL)]
    [InlineData(8, 125UL)]
    [InlineData(8, 65535UL)]
    [InlineData(8, 0x8000_0000_0000_0000UL)]
    [InlineData(8, ulong.MaxValue)]
    public void A_length_in_a_longer_form_than_needed_is_refused(int lengthBytes, ulong length)
    {
        Seen.In(Frame(Opcode.Text, [], lengthBytes: lengthBytes, claimed: length))
            .ShouldBe([Seen.Violation("frame length not in its shortest form")]);
    }

    // 6
    [Theory]
    [InlineData("CEBAE1BDB9CF83CEBCCEB5")] // κόσμε
    [InlineData("00")]
    [InlineData("7F")]
    [InlineData("C280")]
    [InlineData("DFBF")]
    [InlineData("E0A080")]
    [InlineData("ED9FBF")]
    [InlineData("EE8080")]
    [InlineData("EFBFBD")]
    [InlineData("EFBFBE")] // noncharacters are characters of UTF-8
    [InlineData("EFBFBF")]
    [InlineData("F0908080")]
    [InlineData("F48FBFBF")]
    public void Valid_utf8_is_passed_on_however_it_is_cut(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        List<Seen> expected = [new(FrameEventKind.Text, System.Text.Encoding.Latin1.GetString(bytes))];

        Seen.In(Text(bytes)).ShouldBe(expected);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Seen.In(Join(Text(bytes[..cut], final: false), More(bytes[cut..])), 1).ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData("CEBAE1BDB9CF83CEBCCEB5EDA080656469746564")] // 6.3: a surrogate in the middle
    [InlineData("80")]
    [InlineData("BF")]
    [InlineData("8081")]
    [InlineData("C0")]
    [InlineData("C1BF")]
    [InlineData("C080")] // overlong
    [InlineData("E08080")]
    [InlineData("E09FBF")]
    [InlineData("F0808080")]
    [InlineData("F08FBFBF")]
    [InlineData("F888808080")] // five bytes
    [InlineData("FC8480808080")] // six bytes
    [InlineData("F4908080")] // beyond U+10FFFF
    [InlineData("F7BFBFBF")]
    [InlineData("EDA080")] // surrogates
    [InlineData("EDBFBF")]
    [InlineData("EDA080EDB080")]
    [InlineData("FE")]
    [InlineData("FF")]
    [InlineData("CE")] // cut short
    [InlineData("E1BD")]
    [InlineData("F09080")]
    [InlineData("F0908041")]
    public void Invalid_utf8_is_refused_however_it_is_cut(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        List<Seen> expected = [Seen.Violation("text not valid UTF-8"), Seen.Close(1000)];

        Seen.In(Join(Text(bytes), Text("ignored"), Close(1000))).ShouldBe(expected);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Seen.In(Join(Text(bytes[..cut], final: false), Ping(), More(bytes[cut..]), Close(1000)), 1)
                .ShouldBe([Seen.Ping(), .. expected]);
        }
    }

    // 7
    [Fact]
    public void Nothing_after_a_close_is_told()
    {
        Seen.In(Join(Text("a"), Close(1000), Text("b"), Ping(), Close(1001))).ShouldBe([Seen.Text("a"), Seen.Close(1000)]);
    }

    [Fact]
    public void A_close_without_a_code_is_told_as_1005()
    {
        Seen.In(Close()).ShouldBe([Seen.Close(1005)]);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(1010)]
    [InlineData(1011)]
    [InlineData(1012)]
    [InlineData(1013)]
    [InlineData(1014)]
    [InlineData(3000)]
    [InlineData(3999)]
    [InlineData(4000)]
    [InlineData(4999)]
    public void A_close_code_that_a_client_may_send_is_told(int code)
    {
        Seen.In(Close((ushort)code, "why not €")).ShouldBe([Seen.Close(code, "why not €")]);
        Seen.In(Close((ushort)code, new string('r', 123)), 1).ShouldBe([Seen.Close(code, new string('r', 123))]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(1016)]
    [InlineData(1100)]
    [InlineData(2000)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(65535)]
    public void A_close_code_that_no_client_may_send_is_refused(int code)
    {
        Seen.In(Close((ushort)code)).ShouldBe([Seen.Violation("close code not allowed")]);
    }

    [Fact]
    public void A_close_of_one_byte_is_refused()
    {
        Seen.In(Frame(Opcode.Close, [3])).ShouldBe([Seen.Violation("close code of one byte")]);
    }

    [Fact]
    public void A_close_reason_of_invalid_utf8_is_refused()
    {
        Seen.In(Frame(Opcode.Close, [0x03, 0xE8, 0xED, 0xA0, 0x80])).ShouldBe([Seen.Violation("close reason not valid UTF-8")]);
    }
}
