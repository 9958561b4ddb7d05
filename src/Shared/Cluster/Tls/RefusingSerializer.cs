using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Akka.Util;

namespace ClusterChat.Cluster.Tls;

/// <summary>
/// Stands under the number of a serializer that makes objects by the name of their type, and neither reads nor writes. It reads
/// manifests itself so that Akka does not look the name up first.
/// </summary>
/// <param name="system">The actor system.</param>
/// <param name="identifier">The number.</param>
/// <param name="setup">Where to say so.</param>
internal sealed class RefusingSerializer(ExtendedActorSystem system, int identifier, RemoteLinkSetup setup) : SerializerWithStringManifest(system)
{
    public override int Identifier => identifier;

    public override byte[] ToBinary(object obj) => throw Outgoing(setup, obj);

    public override object FromBinary(byte[] bytes, string manifest) => throw Incoming(setup, identifier, manifest);

    public override string Manifest(object o) => throw Outgoing(setup, o);

    /// <summary>Akka logs it too, drops the message and keeps the connection.</summary>
    internal static SerializationException Incoming(RemoteLinkSetup setup, int identifier, string? manifest)
    {
        const int MaxShown = 200;
        var shown = manifest is null ? string.Empty : manifest.Length > MaxShown ? manifest[..MaxShown] : manifest;
        if (setup.Sparing.Take((nameof(Incoming), identifier)))
            setup.Logger.IncomingRefused(identifier, shown, SparingLog.Pause);
        return new SerializationException($"A message of serializer {identifier} that says it is a '{shown}' is refused.");
    }

    internal static SerializationException Outgoing(RemoteLinkSetup setup, object message)
    {
        var name = message.GetType().TypeQualifiedName();
        if (setup.Sparing.Take((nameof(Outgoing), name)))
            setup.Logger.OutgoingRefused(name, SparingLog.Pause);
        return new SerializationException($"No serializer is for {name}.");
    }
}
