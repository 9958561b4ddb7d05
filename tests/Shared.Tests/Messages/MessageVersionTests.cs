using System.Runtime.Serialization;
using ClusterChat.Cluster;
using ClusterChat.Messages;
using ClusterChat.Protocol;
using Google.Protobuf;
using Wire = ClusterChat.Messages.Wire;

namespace ClusterChat.Shared.Tests.Messages;

/// <summary>What nodes of two versions make of each other's messages, and what anybody makes of bytes that are none.</summary>
public sealed class MessageVersionTests
{
    // Field 1007 as three bytes, 1006 as a number, 1005 as eight bytes, 1004 as four.
    private static readonly byte[] FurtherFields = [0xFA, 0x3E, 3, 1, 2, 3, 0xF0, 0x3E, 9, 0xE9, 0x3E, 1, 2, 3, 4, 5, 6, 7, 8, 0xE5, 0x3E, 1, 2, 3, 4];

    private static readonly ChatMessageSerializer Serializer = new(null!);

    public static TheoryData<string> Kinds => [.. SampleMessages.Kinds().Select(k => k.Name)];

    // The others are refused: see A_message_without_what_it_is_about_is_refused.
    public static TheoryData<string> KindsThatMayBeEmpty
        => [.. SampleMessages.Kinds().Select(k => k.Name).Where(k => k is not ("Write" or "OrderGateway" or "KeepRoom"))];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_field_of_a_later_version_is_passed_over(string kind)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (message, manifest, body) = Sample(kind, seed);
            SampleMessages.Show(Serializer.FromBinary([.. body, .. FurtherFields], manifest)).ShouldBe(SampleMessages.Show(message));
            SampleMessages.Show(Serializer.FromBinary([.. FurtherFields, .. body], manifest)).ShouldBe(SampleMessages.Show(message));
        }
    }

    [Theory]
    [MemberData(nameof(KindsThatMayBeEmpty))]
    public void What_an_earlier_version_does_not_say_reads_as_nothing(string kind)
    {
        var (_, manifest, _) = Sample(kind, 1);
        Serializer.FromBinary([], manifest).GetType().Name.ShouldBe(kind);
    }

    [Fact]
    public void A_message_without_what_it_is_about_is_refused()
    {
        Should.Throw<SerializationException>(() => Read("W", new Wire.Write { Room = "r", Number = 1 }));
        Should.Throw<SerializationException>(() => Read("OG", new Wire.OrderGateway { Request = 1 }));
        Should.Throw<SerializationException>(() => Read("KR", new Wire.KeepRoom { Request = 1, Room = "r" }));
    }

    [Fact]
    public void Fields_that_are_missing_in_a_hand_read_message_have_the_defaults_of_the_schema()
    {
        SampleMessages.Show(Read("e", new Wire.EventsCommitted())).ShouldBe(SampleMessages.Show(new EventsCommitted("", 0, 0, [])));
        SampleMessages.Show(Read("W", new Wire.Write { Message = new Wire.MessageContent() }))
            .ShouldBe(SampleMessages.Show(new Write("", "", 0, 0, 0, new Member("", ""), false, "", new MessageContent("", null, default))));
    }

    [Fact]
    public void Further_fields_are_passed_over_within_a_hand_read_message_too()
    {
        var member = new Wire.Member { User = "u", Name = "n" }.ToByteArray();
        var content = new Wire.MessageContent { Text = "t", Reply = 7, Data = ByteString.CopyFromUtf8("{}") }.ToByteArray();
        byte[] body =
        [
            6 << 3 | 2, (byte)(member.Length + FurtherFields.Length), .. member, .. FurtherFields,
            15 << 3 | 2, (byte)(content.Length + FurtherFields.Length), .. FurtherFields, .. content,
        ];
        var write = Serializer.FromBinary(body, "W").ShouldBeOfType<Write>();
        write.Author.ShouldBe(new Member("u", "n"));
        var message = write.Content.ShouldBeOfType<MessageContent>();
        message.Text.ShouldBe("t");
        message.Reply.ShouldBe(7);
        message.Data.ToArray().ShouldBe("{}"u8.ToArray());
    }

    [Fact]
    public void An_error_of_a_later_version_is_a_lasting_refusal()
    {
        var refused = Read("r", new Wire.Refused { Error = new Wire.Error { Code = (Wire.ErrorCode)999, Message = "why" } }).ShouldBeOfType<Refused>();
        refused.Error.Message.ShouldBe("why");
        ErrorCodes.IsTemporary(refused.Error.Code).ShouldBeFalse();
    }

    [Theory]
    [InlineData(15, 8, 1)]
    [InlineData(16, 7, 1)]
    [InlineData(16, 8, -1)]
    [InlineData(16, 8, long.MaxValue)]
    [InlineData(0, 0, 0)]
    public void A_trace_that_means_nothing_costs_no_message(int traceId, int spanId, long sentAt)
    {
        var trace = new Wire.Trace { TraceId = ByteString.CopyFrom(new byte[traceId]), SpanId = ByteString.CopyFrom(new byte[spanId]), SentAt = sentAt };
        var write = Read("W", new Wire.Write { Mid = "m", Trace = trace, Message = new Wire.MessageContent { Text = "t" } }).ShouldBeOfType<Write>();
        write.Trace.ShouldBeNull();
        write.Mid.ShouldBe("m");
        Read("e", new Wire.EventsCommitted { Room = "r", Traces = { trace } }).ShouldBeOfType<EventsCommitted>().Traces.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("ZZ")]
    [InlineData("ClusterChat.Cluster.Write, ClusterChat.Shared")]
    [InlineData(null)]
    public void A_manifest_of_a_later_version_is_refused(string? manifest)
        => Should.Throw<SerializationException>(() => Serializer.FromBinary([], manifest!));

    [Fact]
    public void Bodies_that_the_first_version_wrote_are_read()
    {
        var write = Serializer.FromBinary(Convert.FromHexString(
            "0A04726F6F6D12046E312F78180320AC0228AB0232090A0269641203616E6E380142056D69642D317A0F0A026869100C1A077B2278223A317D"), "W");
        SampleMessages.Show(write).ShouldBe(SampleMessages.Show(new Write(
            "room", "n1/x", 3, 300, 299, new Member("id", "ann"), true, "mid-1", new MessageContent("hi", 12, "{\"x\":1}"u8.ToArray()))));

        var events = Serializer.FromBinary(Convert.FromHexString("0A04726F6F6D100318D20922077B2261223A317D22027B7D"), "e");
        SampleMessages.Show(events).ShouldBe(SampleMessages.Show(new EventsCommitted("room", 3, 1234, ["{\"a\":1}"u8.ToArray(), "{}"u8.ToArray()])));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Bytes_that_are_no_message_are_refused_and_nothing_else(string kind)
    {
        var random = new Random(4711);
        var samples = Enumerable.Range(0, 20).Select(seed => Sample(kind, seed)).ToArray();
        for (var round = 0; round < 2000; round++)
        {
            var (_, manifest, body) = samples[round % samples.Length];
            switch (round % 4)
            {
                case 0:
                    body = new byte[random.Next(64)];
                    random.NextBytes(body);
                    break;
                case 1:
                    body = body[..random.Next(body.Length + 1)];
                    break;
                case 2 when body.Length > 0:
                    body = [.. body];
                    body[random.Next(body.Length)] ^= (byte)random.Next(1, 256);
                    break;
                default:
                    byte[] garbage = new byte[random.Next(12)];
                    random.NextBytes(garbage);
                    var at = random.Next(body.Length + 1);
                    body = [.. body[..at], .. garbage, .. body[at..]];
                    break;
            }

            try
            {
                Serializer.FromBinary(body, manifest).GetType().Name.ShouldBe(kind);
            }
            catch (SerializationException)
            {
                // Refused: as good as read.
            }
        }
    }

    private static object Read(string manifest, IMessage wire) => Serializer.FromBinary(wire.ToByteArray(), manifest);

    private static (object Message, string Manifest, byte[] Body) Sample(string kind, int seed)
    {
        var message = new SampleMessages(seed).Message(SampleMessages.Kinds().Single(k => k.Name == kind));
        return (message, Serializer.Manifest(message), Serializer.ToBinary(message));
    }
}
