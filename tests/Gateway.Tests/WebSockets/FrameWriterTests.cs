using System.Buffers;
using System.Text;
using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.Gateway.Tests.WebSockets;

public sealed class FrameWriterTests
{
    [Theory]
    [InlineData(0, "8100")]
    [InlineData(125, "817D")]
    [InlineData(126, "817E007E")]
    [InlineData(65535, "817EFFFF")]
    [InlineData(65536, "817F0000000000010000")]
    [InlineData(int.MaxValue, "817F000000007FFFFFFF")]
    public void A_header_takes_the_shortest_form(int length, string expected)
    {
        Span<byte> header = stackalloc byte[FrameWriter.MaxHeaderLength];

        var written = FrameWriter.WriteHeader(header, Opcode.Text, length);

        Convert.ToHexString(header[..written]).ShouldBe(expected);
        FrameWriter.HeaderLength(length).ShouldBe(written);
    }

    [Fact]
    public void A_text_frame_is_header_and_payload()
    {
        var buffer = new ArrayBufferWriter<byte>();

        FrameWriter.WriteText(buffer, "Hello"u8);

        // RFC 6455, section 5.7.
        Convert.ToHexString(buffer.WrittenSpan).ShouldBe("810548656C6C6F");
    }

    [Fact]
    public void A_close_frame_without_a_code_is_empty()
    {
        var frame = new byte[FrameWriter.MaxControlFrameLength];

        FrameWriter.WriteClose(frame, CloseCodes.None, "not sent").ShouldBe(2);

        frame[..2].ShouldBe([0x88, 0x00]);
    }

    [Fact]
    public void A_close_reason_is_cut_after_a_whole_character()
    {
        var frame = new byte[FrameWriter.MaxControlFrameLength];

        var length = FrameWriter.WriteClose(frame, 3501, "x" + new string('€', 60));

        Encoding.UTF8.GetString(frame.AsSpan(4, length - 4)).ShouldBe("x" + new string('€', 40));
        frame[2..4].ShouldBe([0x0D, 0xAD]);
    }

    [Fact]
    public void A_control_frame_over_125_bytes_is_not_written()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => FrameWriter.WriteControl(new byte[200], Opcode.Ping, new byte[126]));
    }
}
