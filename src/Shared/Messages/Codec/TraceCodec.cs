using System.Diagnostics;
using ClusterChat.Diagnostics;
using Google.Protobuf;

namespace ClusterChat.Messages.Codec;

/// <summary>What a traced message carries. A node that does not know it reads the message all the same.</summary>
internal static class TraceCodec
{
    public static Wire.Trace Encode(MessageTrace trace)
    {
        Span<byte> id = stackalloc byte[16];
        trace.Parent.TraceId.CopyTo(id);
        var wire = new Wire.Trace { TraceId = ByteString.CopyFrom(id), SentAt = (trace.SentAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond };
        trace.Parent.SpanId.CopyTo(id[..8]);
        wire.SpanId = ByteString.CopyFrom(id[..8]);
        return wire;
    }

    /// <returns>Null: none, or not one that means anything here. It is no reason to lose the message.</returns>
    public static MessageTrace? Decode(Wire.Trace? wire)
    {
        if (wire is null || wire.TraceId.Length != 16 || wire.SpanId.Length != 8
            || wire.SentAt < 0 || wire.SentAt > (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)
            return null;
        var parent = new ActivityContext(
            ActivityTraceId.CreateFromBytes(wire.TraceId.Span), ActivitySpanId.CreateFromBytes(wire.SpanId.Span), ActivityTraceFlags.Recorded, isRemote: true);
        return new MessageTrace(parent, DateTimeOffset.UnixEpoch.AddTicks(wire.SentAt * TimeSpan.TicksPerMicrosecond));
    }
}
