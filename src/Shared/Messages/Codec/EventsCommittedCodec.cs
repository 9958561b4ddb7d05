using System.Runtime.Serialization;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using Google.Protobuf;

namespace ClusterChat.Messages.Codec;

/// <summary>
/// Events on their way to a gateway, of which there are more than of anything else: written by hand, straight from the lines
/// into the body, and read as slices of it. A line holds the whole body it came in: a gateway keeps the newest lines of a room,
/// which are neighbours, so what it holds in vain is at most the rest of the body that the oldest of them came in.
/// </summary>
internal static class EventsCommittedCodec
{
    private const int Room = Wire.EventsCommitted.RoomFieldNumber;
    private const int Stream = Wire.EventsCommitted.StreamFieldNumber;
    private const int FirstSeq = Wire.EventsCommitted.FirstSeqFieldNumber;
    private const int Lines = Wire.EventsCommitted.LinesFieldNumber;
    private const int Traces = Wire.EventsCommitted.TracesFieldNumber;

    public static byte[] Encode(EventsCommitted m)
    {
        var traces = m.Traces.Length == 0 ? [] : Array.ConvertAll(m.Traces, TraceCodec.Encode);
        var lines = m.Lines;
        var size = BodyWriter.SizeOf(m.Room) + BodyWriter.SizeOf(m.Stream) + BodyWriter.SizeOf(m.FirstSeq);
        for (var i = 0; i < lines.Count; i++)
        {
            size = checked(size + BodyWriter.SizeOfBytes(lines[i].Length));
        }

        foreach (var trace in traces)
        {
            size = checked(size + BodyWriter.SizeOfBytes(trace.CalculateSize()));
        }

        var body = GC.AllocateUninitializedArray<byte>(size);
        var writer = new BodyWriter(body);
        writer.Text(Room, m.Room);
        writer.Number(Stream, m.Stream);
        writer.Number(FirstSeq, m.FirstSeq);
        for (var i = 0; i < lines.Count; i++)
        {
            writer.Bytes(Lines, lines[i].Span);
        }

        foreach (var trace in traces)
        {
            writer.Message(Traces, trace, trace.CalculateSize());
        }

        writer.End();
        return body;
    }

    /// <exception cref="SerializationException">Not such a message.</exception>
    public static EventsCommitted Decode(byte[] body)
    {
        var reader = new BodyReader(body);
        var lines = new ReadOnlyMemory<byte>[reader.Count(Lines)];
        var room = "";
        long stream = 0, firstSeq = 0;
        var count = 0;
        List<MessageTrace>? traces = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Room:
                    room = reader.Text();
                    break;
                case Stream:
                    stream = reader.Number();
                    break;
                case FirstSeq:
                    firstSeq = reader.Number();
                    break;
                case Lines:
                    lines[count++] = reader.Bytes();
                    break;
                case Traces:
                    if (TraceCodec.Decode(Wire.Trace.Parser.ParseFrom(reader.Bytes().Span)) is { } trace)
                        (traces ??= []).Add(trace);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        var message = new EventsCommitted(room, stream, firstSeq, lines);
        return traces is null ? message : message with { Traces = [.. traces] };
    }
}
