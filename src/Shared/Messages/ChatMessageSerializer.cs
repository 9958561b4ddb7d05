using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using ClusterChat.Cluster;

namespace ClusterChat.Messages;

/// <summary>
/// The messages between actors of different nodes, as protobuf: <c>Wire/messages.proto</c>. Which of them a body is, is told
/// by its manifest.
/// </summary>
/// <remarks>
/// Two versions of the messages may run side by side. A field that this version does not know is skipped, one that is missing
/// reads as nothing. A message that means nothing without what is missing, or that is of a kind which only a later version
/// knows, is refused with <see cref="SerializationException"/>: Akka.Remote then logs it and drops it, and the association
/// goes on. What is larger than Akka.Remote's <c>maximum-frame-size</c> (128,000 bytes unless it is set) is logged and dropped
/// by the sender: the frame has to hold the largest page and the largest handover.
/// </remarks>
/// <param name="system">The actor system to which the serializer belongs.</param>
public sealed class ChatMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>
    /// The number under which nodes know the serializer; never changed. Akka keeps 0 to 40 for itself, the rest is free.
    /// </summary>
    public const int Id = 4711;

    /// <summary>The section of the configuration that registers the serializer and binds the messages to it.</summary>
    public static Config Registration { get; } = ConfigurationFactory.ParseString($$"""
        akka.actor {
          serializers.clusterchat = "{{NameOf(typeof(ChatMessageSerializer))}}"
          serialization-identifiers { "{{NameOf(typeof(ChatMessageSerializer))}}" = {{Id}} }
          serialization-bindings {
            "{{NameOf(typeof(ToRoom))}}" = clusterchat
            "{{NameOf(typeof(FromRoom))}}" = clusterchat
            "{{NameOf(typeof(INodeMessage))}}" = clusterchat
          }
        }
        """);

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    /// <exception cref="SerializationException">Not a message between nodes.</exception>
    public override string Manifest(object o) => KindOf(o).Manifest;

    /// <returns>A new array of the exact size, which nothing else refers to.</returns>
    /// <inheritdoc/>
    /// <exception cref="SerializationException">Not a message between nodes, or it has no form that others could read.</exception>
    public override byte[] ToBinary(object obj)
    {
        var kind = KindOf(obj);
        try
        {
            return kind.Write(obj);
        }
        catch (ArgumentException e)
        {
            throw new SerializationException($"{kind.Type.Name} cannot be written.", e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The message refers to the bytes, which must not change from now on. Akka.Remote makes a new array of each message
    /// that comes and has no more use for it.
    /// </remarks>
    /// <exception cref="SerializationException">Not a manifest of this version, or not a body of that kind.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (!MessageKinds.ByManifest.TryGetValue(manifest ?? "", out var kind))
            throw new SerializationException($"No message of this version has the manifest \"{manifest}\".");
        try
        {
            return kind.Read(bytes);
        }
        catch (Exception e) when (e is Google.Protobuf.InvalidProtocolBufferException or ArgumentException)
        {
            throw new SerializationException($"Not a {kind.Type.Name}.", e);
        }
    }

    private static MessageKind KindOf(object message) => MessageKinds.ByType.TryGetValue(message.GetType(), out var kind)
        ? kind
        : throw new SerializationException($"{message.GetType().Name} is not a message between nodes.");

    private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
