using Google.Protobuf;
using Google.Protobuf.Collections;

namespace ClusterChat.Cluster.Links.Codec;

/// <summary>Rooms' messages to gateways. The lines of events are not copied on the way out of this process's memory.</summary>
internal static class FromRoomCodec
{
    public static Wire.FromRoom Encode(FromRoom message)
    {
        var wire = new Wire.FromRoom { Room = message.Room, Stream = message.Stream };
        switch (message)
        {
            case Subscribed m:
                wire.Subscribed = new Wire.Subscribed { Log = m.Log, Epoch = m.Epoch, Head = m.Head };
                break;
            case StreamEnded:
                wire.StreamEnded = new Wire.StreamEnded();
                break;
            case EventsCommitted m:
                wire.EventsCommitted = new Wire.EventsCommitted { FirstSeq = m.FirstSeq };
                Add(wire.EventsCommitted.Lines, m.Lines);
                foreach (var trace in m.Traces)
                {
                    wire.EventsCommitted.Traces.Add(TraceCodec.Encode(trace));
                }

                break;
            case WritesDone m:
                wire.WritesDone = new Wire.WritesDone();
                foreach (var done in m.Writes)
                {
                    wire.WritesDone.Writes.Add(Encode(done));
                }

                break;
            case EventPage m:
                wire.EventPage = Encode(m);
                break;
            case MemberPage m:
                wire.MemberPage = new Wire.MemberPage { Request = m.Request, Count = m.Count, More = m.More, Names = { m.Names } };
                break;
            case Refused m:
                wire.Refused = new Wire.Refused { Request = m.Request, Error = ErrorCodec.Encode(m.Error) };
                break;
            case PresenceChanged m:
                wire.PresenceChanged = new Wire.PresenceChanged
                {
                    Joined = EncodeNames(m.Joined),
                    Left = EncodeNames(m.Left),
                    Count = m.Count,
                };
                break;
            case TypingNoticed m:
                wire.TypingNoticed = new Wire.TypingNoticed { Name = m.Name };
                break;
            default:
                throw new ArgumentException($"There is no wire form of {message.GetType().Name}.", nameof(message));
        }

        return wire;
    }

    /// <returns>Null: not a message that this version knows.</returns>
    public static FromRoom? Decode(Wire.FromRoom wire) => wire.KindCase switch
    {
        Wire.FromRoom.KindOneofCase.Subscribed => new Subscribed(
            wire.Room, wire.Stream, wire.Subscribed.Log, wire.Subscribed.Epoch, wire.Subscribed.Head),
        Wire.FromRoom.KindOneofCase.StreamEnded => new StreamEnded(wire.Room, wire.Stream),
        Wire.FromRoom.KindOneofCase.EventsCommitted => new EventsCommitted(
            wire.Room, wire.Stream, wire.EventsCommitted.FirstSeq, Lines(wire.EventsCommitted.Lines))
        {
            Traces = TraceCodec.Decode(wire.EventsCommitted.Traces),
        },
        Wire.FromRoom.KindOneofCase.WritesDone =>
            new WritesDone(wire.Room, wire.Stream, [.. wire.WritesDone.Writes.Select(Decode)]),
        Wire.FromRoom.KindOneofCase.EventPage => Decode(wire, wire.EventPage),
        Wire.FromRoom.KindOneofCase.MemberPage => new MemberPage(
            wire.Room, wire.Stream, wire.MemberPage.Request, wire.MemberPage.Count, [.. wire.MemberPage.Names], wire.MemberPage.More),
        Wire.FromRoom.KindOneofCase.Refused =>
            new Refused(wire.Room, wire.Stream, wire.Refused.Request, ErrorCodec.Decode(wire.Refused.Error)),
        Wire.FromRoom.KindOneofCase.PresenceChanged => new PresenceChanged(
            wire.Room, wire.Stream, DecodeNames(wire.PresenceChanged.Joined), DecodeNames(wire.PresenceChanged.Left),
            wire.PresenceChanged.Count),
        Wire.FromRoom.KindOneofCase.TypingNoticed => new TypingNoticed(wire.Room, wire.Stream, wire.TypingNoticed.Name),
        _ => null,
    };

    private static Wire.EventPage Encode(EventPage page)
    {
        var wire = new Wire.EventPage
        {
            Request = page.Request,
            Log = page.Log,
            FirstSeq = page.FirstSeq,
            EndSeq = page.EndSeq,
            More = page.More,
            Recovered = page.Recovered,
            Count = page.Count,
            Members = EncodeNames(page.Members),
        };
        Add(wire.Lines, page.Lines);
        return wire;
    }

    private static EventPage Decode(Wire.FromRoom wire, Wire.EventPage page) => new(
        wire.Room, wire.Stream, page.Request, page.Log, page.FirstSeq, Lines(page.Lines), page.EndSeq, page.More,
        page.Recovered, page.Count, DecodeNames(page.Members));

    private static Wire.WriteDone Encode(WriteDone done) => new()
    {
        Number = done.Number,
        Seq = done.Seq,
        Ts = done.Ts,
        Dup = done.Dup,
        Error = done.Error is null ? null : ErrorCodec.Encode(done.Error),
    };

    private static WriteDone Decode(Wire.WriteDone done) => new(
        done.Number, done.Seq, done.Ts, done.Dup, done.Error is null ? null : ErrorCodec.Decode(done.Error));

    private static void Add(RepeatedField<ByteString> wire, IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        wire.Capacity = lines.Count;
        foreach (var line in lines)
        {
            wire.Add(UnsafeByteOperations.UnsafeWrap(line));
        }
    }

    private static ReadOnlyMemory<byte>[] Lines(RepeatedField<ByteString> wire)
    {
        var lines = new ReadOnlyMemory<byte>[wire.Count];
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = wire[i].Memory;
        }

        return lines;
    }

    internal static Wire.NameList? EncodeNames(IReadOnlyList<string>? names) => names is null ? null : new() { Names = { names } };

    internal static string[]? DecodeNames(Wire.NameList? names) => names is null ? null : [.. names.Names];
}
