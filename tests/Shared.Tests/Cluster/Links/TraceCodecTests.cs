using System.Diagnostics;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Codec;
using ClusterChat.Diagnostics;
using Google.Protobuf;
using LinkWire = ClusterChat.Cluster.Links.Wire;

namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>What a traced message carries over a link, and what it does to nodes that know nothing of it.</summary>
public sealed class TraceCodecTests
{
    private static readonly MessageTrace Trace = new(
        new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true),
        DateTimeOffset.UnixEpoch.AddDays(20000).AddMicroseconds(7));

    [Fact]
    public void It_comes_as_it_went()
    {
        Decoded<Write>(Encode(Written(Trace))).Trace.ShouldBe(Trace);
        Decoded<EventsCommitted>(Encode(Committed(Trace, Trace))).Traces.ShouldBe([Trace, Trace]);
    }

    [Fact]
    public void A_message_that_is_not_traced_has_not_a_byte_more()
    {
        Encode(Written(null)).ToRoom.Write.Trace.ShouldBeNull();
        Decoded<Write>(Encode(Written(null))).Trace.ShouldBeNull();
        Decoded<EventsCommitted>(Encode(Committed())).Traces.ShouldBeSameAs(Array.Empty<MessageTrace>());
    }

    [Fact]
    public void A_node_that_does_not_know_the_field_reads_the_message()
    {
        // To such a node it is a field of another number.
        var bytes = Encode(Written(Trace)).ToRoom.Write.ToByteArray();
        var known = LinkWire.Write.Parser.WithDiscardUnknownFields(true).ParseFrom(Renumbered(bytes));
        known.Trace.ShouldBeNull();
        known.Mid.ShouldBe("m");
        known.Message.Text.ShouldBe("hi");
    }

    [Theory]
    [InlineData(15, 8, 1)]
    [InlineData(16, 7, 1)]
    [InlineData(16, 8, -1)]
    [InlineData(16, 8, long.MaxValue)]
    [InlineData(0, 0, 0)]
    public void One_that_means_nothing_costs_no_message(int traceId, int spanId, long sentAt)
    {
        var envelope = Encode(Written(Trace));
        envelope.ToRoom.Write.Trace = new LinkWire.Trace { TraceId = ByteString.CopyFrom(new byte[traceId]), SpanId = ByteString.CopyFrom(new byte[spanId]), SentAt = sentAt };
        Decoded<Write>(envelope).Trace.ShouldBeNull();
        Decoded<Write>(envelope).Mid.ShouldBe("m");
    }

    private static ToRoomLink Written(MessageTrace? trace)
        => new(1, new Write("r", "g", 1, 2, 0, new Member("u", "n"), false, "m", new MessageContent("hi", null, default)) { Trace = trace });

    private static FromRoomLink Committed(params MessageTrace[] traces) => new(new EventsCommitted("r", 1, 1, ["{}"u8.ToArray()]) { Traces = traces });

    private static LinkWire.Envelope Encode(LinkMessage message) => LinkWire.Envelope.Parser.ParseFrom(LinkCodec.Encode(message, "g").ToByteArray());

    private static T Decoded<T>(LinkWire.Envelope envelope) => LinkCodec.Decode(envelope, "g") switch
    {
        ToRoomLink m => m.Message.ShouldBeOfType<T>(),
        FromRoomLink m => m.Message.ShouldBeOfType<T>(),
        _ => throw new InvalidOperationException("It is neither."),
    };

    // Field 20 with a length: its key is 162, 1. Field 21: 170, 1.
    private static byte[] Renumbered(byte[] message)
    {
        var at = message.AsSpan().LastIndexOf([(byte)162, (byte)1]);
        at.ShouldBeGreaterThanOrEqualTo(0);
        message[at] = 170;
        return message;
    }
}
