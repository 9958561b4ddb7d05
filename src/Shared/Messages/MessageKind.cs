using Google.Protobuf;

namespace ClusterChat.Messages;

/// <summary>One kind of message between nodes.</summary>
/// <param name="Manifest">What stands for the kind on the wire.</param>
/// <param name="Type">The message's type.</param>
/// <param name="Write">Makes a body of a message.</param>
/// <param name="Read">Makes a message of a body, which it may go on referring to.</param>
internal sealed record MessageKind(string Manifest, Type Type, Func<object, byte[]> Write, Func<byte[], object> Read)
{
    /// <summary>A kind whose bodies are read and written by what is generated from the schema.</summary>
    public static MessageKind Of<TMessage, TWire>(
        string manifest, Func<TMessage, TWire> encode, MessageParser<TWire> parser, Func<TWire, TMessage> decode)
        where TMessage : class
        where TWire : IMessage<TWire>
    {
        // They would be kept, and nobody looks at them.
        var lenient = parser.WithDiscardUnknownFields(true);
        return new MessageKind(
            manifest,
            typeof(TMessage),
            message => encode((TMessage)message).ToByteArray(),
            body => decode(lenient.ParseFrom(body)));
    }

    /// <summary>A kind whose bodies are read and written by hand.</summary>
    public static MessageKind ByHand<TMessage>(string manifest, Func<TMessage, byte[]> write, Func<byte[], TMessage> read)
        where TMessage : class
        => new(manifest, typeof(TMessage), message => write((TMessage)message), read);
}
