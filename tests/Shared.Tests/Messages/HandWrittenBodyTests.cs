using System.Runtime.Serialization;
using ClusterChat.Cluster;
using ClusterChat.Messages;
using ClusterChat.Messages.Codec;
using Google.Protobuf;
using Wire = ClusterChat.Messages.Wire;

namespace ClusterChat.Shared.Tests.Messages;

/// <summary>Bodies that are written and read by hand are the same, byte for byte, as those of the generated code.</summary>
public sealed class HandWrittenBodyTests
{
    private static readonly ChatMessageSerializer Serializer = new(null!);

    [Fact]
    public void Committed_events_are_written_as_the_generated_code_does()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var m = (EventsCommitted)new SampleMessages(seed).Message(typeof(EventsCommitted));
            var wire = new Wire.EventsCommitted { Room = m.Room, Stream = m.Stream, FirstSeq = m.FirstSeq };
            LineCodec.Add(wire.Lines, m.Lines);
            wire.Traces.AddRange(m.Traces.Select(TraceCodec.Encode));
            Serializer.ToBinary(m).ShouldBe(wire.ToByteArray(), $"seed {seed}");
            Wire.EventsCommitted.Parser.ParseFrom(Serializer.ToBinary(m)).ShouldBe(wire);
        }
    }

    [Fact]
    public void Writes_are_written_as_the_generated_code_does()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var m = (Write)new SampleMessages(seed).Message(typeof(Write));
            var content = (MessageContent)m.Content;
            var wire = new Wire.Write
            {
                Room = m.Room,
                Gateway = m.Gateway,
                Stream = m.Stream,
                Number = m.Number,
                Previous = m.Previous,
                Author = ToRoomCodec.Encode(m.Author),
                Visitor = m.Visitor,
                Mid = m.Mid,
                Trace = m.Trace is null ? null : TraceCodec.Encode(m.Trace),
                Message = new Wire.MessageContent { Text = content.Text, Data = ByteString.CopyFrom(content.Data.Span) },
            };
            if (content.Reply is { } reply)
                wire.Message.Reply = reply;
            Serializer.ToBinary(m).ShouldBe(wire.ToByteArray(), $"seed {seed}");
            Wire.Write.Parser.ParseFrom(Serializer.ToBinary(m)).ShouldBe(wire);
        }
    }

    [Fact]
    public void A_text_with_half_a_character_is_written_as_by_the_generated_code()
    {
        var typing = Record(() => Serializer.ToBinary(new Typing("r\ud800", "", 0, "", "")));
        var events = Record(() => Serializer.ToBinary(new EventsCommitted("r\ud800", 0, 0, [])));
        events.ShouldBe(typing);

        static string Record(Func<byte[]> write)
        {
            try
            {
                return Convert.ToHexString(write());
            }
            catch (SerializationException)
            {
                return "refused";
            }
        }
    }

    [Theory]
    [InlineData("0A")]                         // A tag, and nothing behind it.
    [InlineData("0A05616263")]                 // Five bytes are announced, three come.
    [InlineData("0AFFFFFFFF0F")]               // 4 GiB are announced.
    [InlineData("0AFFFFFFFFFFFFFFFFFF01")]     // 2^64-1 bytes are announced.
    [InlineData("10FFFFFFFFFFFFFFFFFFFF01")]   // A number of eleven bytes.
    [InlineData("1080")]                       // A number that goes on.
    [InlineData("00")]                         // Field 0.
    [InlineData("0B")]                         // The beginning of a group.
    [InlineData("FD3E0102")]                   // Four bytes that are two.
    [InlineData("F93E0102")]                   // Eight bytes that are two.
    [InlineData("0801")]                       // The room as a number.
    [InlineData("FFFFFFFFFFFFFFFFFF01")]       // A tag with a field number beyond what there is.
    public void A_broken_body_is_refused(string hex)
        => Should.Throw<SerializationException>(() => Serializer.FromBinary(Convert.FromHexString(hex), "e"));
}
