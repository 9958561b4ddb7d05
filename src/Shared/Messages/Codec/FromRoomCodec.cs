using ClusterChat.Cluster;

namespace ClusterChat.Messages.Codec;

/// <summary>Rooms' messages to gateways, other than events as they are committed: see <see cref="EventsCommittedCodec"/>.</summary>
internal static class FromRoomCodec
{
    public static Wire.Subscribed Encode(Subscribed m)
        => new() { Room = m.Room, Stream = m.Stream, Log = m.Log, Epoch = m.Epoch, Head = m.Head };

    public static Subscribed Decode(Wire.Subscribed wire) => new(wire.Room, wire.Stream, wire.Log, wire.Epoch, wire.Head);

    public static Wire.StreamEnded Encode(StreamEnded m) => new() { Room = m.Room, Stream = m.Stream, Full = m.Full };

    public static StreamEnded Decode(Wire.StreamEnded wire) => new(wire.Room, wire.Stream, wire.Full);

    public static Wire.WritesDone Encode(WritesDone m)
    {
        var wire = new Wire.WritesDone { Room = m.Room, Stream = m.Stream };
        wire.Writes.Capacity = m.Writes.Count;
        foreach (var done in m.Writes)
        {
            wire.Writes.Add(Encode(done));
        }

        return wire;
    }

    public static WritesDone Decode(Wire.WritesDone wire)
    {
        var writes = new WriteDone[wire.Writes.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            writes[i] = Decode(wire.Writes[i]);
        }

        return new WritesDone(wire.Room, wire.Stream, writes);
    }

    public static Wire.EventPage Encode(EventPage m)
    {
        var wire = new Wire.EventPage
        {
            Room = m.Room,
            Stream = m.Stream,
            Request = m.Request,
            Log = m.Log,
            FirstSeq = m.FirstSeq,
            EndSeq = m.EndSeq,
            More = m.More,
            Recovered = m.Recovered,
            Count = m.Count,
            Members = EncodeNames(m.Members),
        };
        LineCodec.Add(wire.Lines, m.Lines);
        return wire;
    }

    public static EventPage Decode(Wire.EventPage wire) => new(
        wire.Room, wire.Stream, wire.Request, wire.Log, wire.FirstSeq, LineCodec.Decode(wire.Lines), wire.EndSeq, wire.More,
        wire.Recovered, wire.Count, DecodeNames(wire.Members));

    public static Wire.MemberPage Encode(MemberPage m)
        => new() { Room = m.Room, Stream = m.Stream, Request = m.Request, Count = m.Count, More = m.More, Names = { m.Names } };

    public static MemberPage Decode(Wire.MemberPage wire)
        => new(wire.Room, wire.Stream, wire.Request, wire.Count, [.. wire.Names], wire.More);

    public static Wire.Left Encode(Left m) => new() { Room = m.Room, Stream = m.Stream, Request = m.Request };

    public static Left Decode(Wire.Left wire) => new(wire.Room, wire.Stream, wire.Request);

    public static Wire.Refused Encode(Refused m)
        => new() { Room = m.Room, Stream = m.Stream, Request = m.Request, Error = ErrorCodec.Encode(m.Error) };

    public static Refused Decode(Wire.Refused wire) => new(wire.Room, wire.Stream, wire.Request, ErrorCodec.Decode(wire.Error));

    public static Wire.PresenceChanged Encode(PresenceChanged m) => new()
    {
        Room = m.Room,
        Stream = m.Stream,
        Joined = EncodeNames(m.Joined),
        Left = EncodeNames(m.Left),
        Count = m.Count,
    };

    public static PresenceChanged Decode(Wire.PresenceChanged wire)
        => new(wire.Room, wire.Stream, DecodeNames(wire.Joined), DecodeNames(wire.Left), wire.Count);

    public static Wire.TypingNoticed Encode(TypingNoticed m) => new() { Room = m.Room, Stream = m.Stream, Name = m.Name, User = m.User };

    public static TypingNoticed Decode(Wire.TypingNoticed wire) => new(wire.Room, wire.Stream, wire.Name, wire.User);

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

    private static Wire.NameList? EncodeNames(IReadOnlyList<string>? names) => names is null ? null : new() { Names = { names } };

    private static string[]? DecodeNames(Wire.NameList? names) => names is null ? null : [.. names.Names];
}
