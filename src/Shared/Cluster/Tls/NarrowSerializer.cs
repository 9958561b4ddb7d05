using Akka.Actor;
using Akka.Serialization;
using Akka.Util;

namespace ClusterChat.Cluster.Tls;

/// <summary>
/// Lets through what is needed of one of Akka's serializers, under its number. It reads manifests itself so that Akka looks no
/// name of a type up.
/// </summary>
/// <param name="system">The actor system.</param>
/// <param name="inner">Akka's serializer.</param>
/// <param name="taken">The manifests that it is given, with the types that they stand for where it asks for one; null where it makes one thing only.</param>
/// <param name="setup">Where to say what was refused.</param>
internal sealed class NarrowSerializer(
    ExtendedActorSystem system, Serializer inner, IReadOnlyDictionary<string, Type?>? taken, RemoteLinkSetup setup) : SerializerWithStringManifest(system)
{
    public override int Identifier => inner.Identifier;

    public override byte[] ToBinary(object obj) =>
        taken is null || taken.ContainsKey(Manifest(obj)) ? inner.ToBinary(obj) : throw RefusingSerializer.Outgoing(setup, obj);

    public override object FromBinary(byte[] bytes, string manifest)
    {
        Type? type = null;
        if (taken is not null && (manifest is null || !taken.TryGetValue(manifest, out type)))
            throw RefusingSerializer.Incoming(setup, Identifier, manifest);
        return inner is SerializerWithStringManifest coded ? coded.FromBinary(bytes, manifest!) : inner.FromBinary(bytes, type!);
    }

    public override string Manifest(object o) => inner switch
    {
        SerializerWithStringManifest coded => coded.Manifest(o),
        { IncludeManifest: true } => o.GetType().TypeQualifiedName(),
        _ => string.Empty,
    };
}
