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
    private const int User = Wire.Member.UserFieldNumber;
    private const int Name = Wire.Member.NameFieldNumber;
    private const int Text = Wire.MessageContent.TextFieldNumber;
    private const int Reply = Wire.MessageContent.ReplyFieldNumber;
    private const int Data = Wire.MessageContent.DataFieldNumber;

    /// <exception cref="ArgumentException">There is no wire form of what is to be written.</exception>
    public static byte[] Encode(Write m)
    {
        if (m.Content is not MessageContent content)
            throw new ArgumentException($"There is no wire form of {m.Content.GetType().Name}.", nameof(m));
        var trace = m.Trace is null ? null : TraceCodec.Encode(m.Trace);
        var traceSize = trace?.CalculateSize() ?? 0;
        var authorSize = BodyWriter.SizeOf(m.Author.User) + BodyWriter.SizeOf(m.Author.Name);
        var contentSize = BodyWriter.SizeOf(content.Text)
            + (content.Reply is { } reply ? BodyWriter.SizeOfNumber(reply) : 0)
            + (content.Data.IsEmpty ? 0 : BodyWriter.SizeOfBytes(content.Data.Length));
        var size = BodyWriter.SizeOf(m.Room) + BodyWriter.SizeOf(m.Gateway) + BodyWriter.SizeOf(m.Stream)
            + BodyWriter.SizeOf(m.Number) + BodyWriter.SizeOf(m.Previous) + BodyWriter.SizeOfBytes(authorSize)
            + BodyWriter.SizeOf(m.Visitor) + BodyWriter.SizeOf(m.Mid) + (trace is null ? 0 : BodyWriter.SizeOfBytes(traceSize))
            + BodyWriter.SizeOfBytes(contentSize);

        var body = GC.AllocateUninitializedArray<byte>(size);
        var writer = new BodyWriter(body);
        writer.Text(Room, m.Room);
        writer.Text(Gateway, m.Gateway);
        writer.Number(Stream, m.Stream);
        writer.Number(Number, m.Number);
        writer.Number(Previous, m.Previous);
        writer.Length(Author, authorSize);
        writer.Text(User, m.Author.User);
        writer.Text(Name, m.Author.Name);
        writer.Flag(Visitor, m.Visitor);
        writer.Text(Mid, m.Mid);
        if (trace is not null)
            writer.Message(Trace, trace, traceSize);
        writer.Length(Message, contentSize);
        writer.Text(Text, content.Text);
        if (content.Reply is { } of)
            writer.NumberOrZero(Reply, of);
        if (!content.Data.IsEmpty)
            writer.Bytes(Data, content.Data.Span);
        writer.End();
        return body;
    }

    /// <exception cref="SerializationException">Not such a message, or it writes what only a later version knows.</exception>
    public static Write Decode(byte[] body)
    {
        var reader = new BodyReader(body);
        string room = "", gateway = "", mid = "";
        long stream = 0, number = 0, previous = 0;
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
                default:
                    reader.Skip();
                    break;
            }
        }

        return new Member(user, name);
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
}
