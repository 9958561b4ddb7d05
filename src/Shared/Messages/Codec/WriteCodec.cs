using System.Runtime.Serialization;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;

namespace ClusterChat.Messages.Codec;

/// <summary>
/// Writes on their way to a room. Written by hand, as <see cref="EventsCommittedCodec"/> is: a message's JSON is a slice of the
/// body, which a room lets go of when it has made the event's line.
/// </summary>
internal static class WriteCodec
{
    private const int Room = Wire.Write.RoomFieldNumber;
    private const int Gateway = Wire.Write.GatewayFieldNumber;
    private const int Stream = Wire.Write.StreamFieldNumber;
    private const int Number = Wire.Write.NumberFieldNumber;
    private const int Previous = Wire.Write.PreviousFieldNumber;
    private const int Author = Wire.Write.AuthorFieldNumber;
    private const int Visitor = Wire.Write.VisitorFieldNumber;
    private const int Mid = Wire.Write.MidFieldNumber;
    private const int Trace = Wire.Write.TraceFieldNumber;
    private const int Message = Wire.Write.MessageFieldNumber;
    private const int All = Wire.Writes.AllFieldNumber;
    private const int User = Wire.Member.UserFieldNumber;
    private const int Name = Wire.Member.NameFieldNumber;
    private const int Fleeting = Wire.Member.FleetingFieldNumber;
    private const int Text = Wire.MessageContent.TextFieldNumber;
    private const int Reply = Wire.MessageContent.ReplyFieldNumber;
    private const int Data = Wire.MessageContent.DataFieldNumber;

    /// <exception cref="ArgumentException">There is no wire form of what is to be written.</exception>
    public static byte[] Encode(Write m)
    {
        var parts = new Parts(m);
        var body = GC.AllocateUninitializedArray<byte>(SizeOfStream(m) + parts.Size);
        var writer = new BodyWriter(body);
        WriteStream(ref writer, m);
        parts.WriteTo(ref writer);
        writer.End();
        return body;
    }

    /// <exception cref="ArgumentException">There is no wire form of what is to be written.</exception>
    public static byte[] Encode(Writes m)
    {
        var all = new Parts[m.All.Count];
        var size = SizeOfStream(m);
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = new Parts(m.All[i]);
            size = checked(size + BodyWriter.SizeOfBytes(all[i].Size));
        }

        var body = GC.AllocateUninitializedArray<byte>(size);
        var writer = new BodyWriter(body);
        WriteStream(ref writer, m);
        foreach (var parts in all)
        {
            writer.Length(All, parts.Size);
            parts.WriteTo(ref writer);
        }

        writer.End();
        return body;
    }

    /// <exception cref="SerializationException">Not such a message, or it writes what only a later version knows.</exception>
    public static Write Decode(byte[] body) => Decode(body, "", "", 0);

    /// <exception cref="SerializationException">Not such a message, or it writes what only a later version knows.</exception>
    public static Writes DecodeAll(byte[] body)
    {
        var reader = new BodyReader(body);
        string room = "", gateway = "";
        long stream = 0;
        var bodies = new List<ReadOnlyMemory<byte>>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Room:
                    room = reader.Text();
                    break;
                case Gateway:
                    gateway = reader.Text();
                    break;
                case Stream:
                    stream = reader.Number();
                    break;
                case All:
                    bodies.Add(reader.Bytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new Writes(room, gateway, stream, [.. bodies.Select(write => Decode(write, room, gateway, stream))]);
    }

    private static int SizeOfStream(ToRoom m) => BodyWriter.SizeOf(m.Room) + BodyWriter.SizeOf(m.Gateway) + BodyWriter.SizeOf(m.Stream);

    private static void WriteStream(ref BodyWriter writer, ToRoom m)
    {
        writer.Text(Room, m.Room);
        writer.Text(Gateway, m.Gateway);
        writer.Number(Stream, m.Stream);
    }

    private static Write Decode(ReadOnlyMemory<byte> body, string room, string gateway, long stream)
    {
        var reader = new BodyReader(body);
        var mid = "";
        long number = 0, previous = 0;
        var visitor = false;
        Member? author = null;
        MessageTrace? trace = null;
        WriteContent? content = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Room:
                    room = reader.Text();
                    break;
                case Gateway:
                    gateway = reader.Text();
                    break;
                case Stream:
                    stream = reader.Number();
                    break;
                case Number:
                    number = reader.Number();
                    break;
                case Previous:
                    previous = reader.Number();
                    break;
                case Author:
                    author = DecodeMember(reader.Bytes());
                    break;
                case Visitor:
                    visitor = reader.Flag();
                    break;
                case Mid:
                    mid = reader.Text();
                    break;
                case Trace:
                    trace = TraceCodec.Decode(Wire.Trace.Parser.ParseFrom(reader.Bytes().Span));
                    break;
                case Message:
                    content = DecodeMessage(reader.Bytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new Write(
            room, gateway, stream, number, previous, author ?? new Member("", ""), visitor, mid,
            content ?? throw new SerializationException("What is written is nothing that this version knows."))
        {
            Trace = trace,
        };
    }

    private static Member DecodeMember(ReadOnlyMemory<byte> body)
    {
        var reader = new BodyReader(body);
        string user = "", name = "";
        var fleeting = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case User:
                    user = reader.Text();
                    break;
                case Name:
                    name = reader.Text();
                    break;
                case Fleeting:
                    fleeting = reader.Flag();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new Member(user, name, fleeting);
    }

    private static MessageContent DecodeMessage(ReadOnlyMemory<byte> body)
    {
        var reader = new BodyReader(body);
        var text = "";
        long? reply = null;
        ReadOnlyMemory<byte> data = default;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Text:
                    text = reader.Text();
                    break;
                case Reply:
                    reply = reader.Number();
                    break;
                case Data:
                    data = reader.Bytes();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new MessageContent(text, reply, data);
    }

    /// <summary>A write without its room, gateway and stream, with the sizes of what it is made of.</summary>
    private readonly struct Parts
    {
        private readonly Write _write;
        private readonly MessageContent _content;
        private readonly Wire.Trace? _trace;
        private readonly int _traceSize;
        private readonly int _authorSize;
        private readonly int _contentSize;

        public Parts(Write write)
        {
            _write = write;
            _content = write.Content as MessageContent
                ?? throw new ArgumentException($"There is no wire form of {write.Content.GetType().Name}.", nameof(write));
            _trace = write.Trace is null ? null : TraceCodec.Encode(write.Trace);
            _traceSize = _trace?.CalculateSize() ?? 0;
            _authorSize = BodyWriter.SizeOf(write.Author.User) + BodyWriter.SizeOf(write.Author.Name) + BodyWriter.SizeOf(write.Author.Fleeting);
            _contentSize = BodyWriter.SizeOf(_content.Text)
                + (_content.Reply is { } reply ? BodyWriter.SizeOfNumber(reply) : 0)
                + (_content.Data.IsEmpty ? 0 : BodyWriter.SizeOfBytes(_content.Data.Length));
            Size = BodyWriter.SizeOf(write.Number) + BodyWriter.SizeOf(write.Previous) + BodyWriter.SizeOfBytes(_authorSize)
                + BodyWriter.SizeOf(write.Visitor) + BodyWriter.SizeOf(write.Mid)
                + (_trace is null ? 0 : BodyWriter.SizeOfBytes(_traceSize)) + BodyWriter.SizeOfBytes(_contentSize);
        }

        public int Size { get; }

        public void WriteTo(ref BodyWriter writer)
        {
            writer.Number(Number, _write.Number);
            writer.Number(Previous, _write.Previous);
            writer.Length(Author, _authorSize);
            writer.Text(User, _write.Author.User);
            writer.Text(Name, _write.Author.Name);
            writer.Flag(Fleeting, _write.Author.Fleeting);
            writer.Flag(Visitor, _write.Visitor);
            writer.Text(Mid, _write.Mid);
            if (_trace is not null)
                writer.Message(Trace, _trace, _traceSize);
            writer.Length(Message, _contentSize);
            writer.Text(Text, _content.Text);
            if (_content.Reply is { } of)
                writer.NumberOrZero(Reply, of);
            if (!_content.Data.IsEmpty)
                writer.Bytes(Data, _content.Data.Span);
        }
    }
}
