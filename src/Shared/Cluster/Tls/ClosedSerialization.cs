using System.Collections.Frozen;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Hosting;
using Akka.Remote.Serialization;
using Akka.Serialization;
using Akka.Util;
using Google.Protobuf;

namespace ClusterChat.Cluster.Tls;

/// <summary>
/// Closes what of Akka's serialization makes objects of a type whose name stands in a message. Akka looks a name up before it
/// asks a serializer that does not read manifests itself, so each of those is replaced, under its own number, by one that does.
/// </summary>
/// <remarks>
/// <para>What stays: the numbered messages of Akka's cluster, sharding, replicated data, publish-subscribe and singletons, which
/// read short codes; messages to selections; text and numbers; and of the system messages those of death watch and stopping.</para>
/// <para>What goes: JSON of any object, protobuf by type name, deployment of actors on other nodes, and answers, system messages and
/// reliable delivery that carry an exception or a type by its name. None of it is used here.</para>
/// <para>A type name still counts in replicated data: it says what a set or register is of. Types that exist are looked up
/// there, nothing is made of them that the content does not say by a number.</para>
/// </remarks>
internal static class ClosedSerialization
{
    /// <summary>
    /// What nodes say to each other of <see cref="MiscMessageSerializer"/>, by its short codes: identify and its answer, an actor, a
    /// poison pill, heartbeats of death watch, success.
    /// </summary>
    private static readonly FrozenDictionary<string, Type?> PlainCodes =
        ((string[])["ID", "AID", "AR", "PP", "RWHB", "RWHR", "STS"]).ToFrozenDictionary(c => c, _ => (Type?)null, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Type?> SystemMessages =
        ((Type[])[typeof(Watch), typeof(Unwatch), typeof(DeathWatchNotification), typeof(Terminate)])
        .ToFrozenDictionary(t => t.TypeQualifiedName(), t => (Type?)t, StringComparer.Ordinal);

    /// <summary>Registers them under the names that they have in Akka's configuration, which makes them take the others' place.</summary>
    public static AkkaConfigurationBuilder WithClosedSerialization(this AkkaConfigurationBuilder builder, RemoteLinkSetup setup)
    {
        Refuse("json", 1, typeof(object));
        Refuse("proto", 2, typeof(IMessage));
        Refuse("daemon-create", 3);
        Refuse("reliable-delivery", 36);

        // Each of these makes one thing, whatever the manifest says.
        Narrow("null", system => new NullSerializer(system), taken: null);
        Narrow("bytes", system => new ByteArraySerializer(system), taken: null);
        Narrow("akka-containers", system => new MessageContainerSerializer(system), taken: null);

        Narrow("akka-misc", system => new MiscMessageSerializer(system), PlainCodes);
        Narrow("akka-system-msg", system => new SystemMessageSerializer(system), SystemMessages, typeof(SystemMessage));
        return builder;

        void Refuse(string name, int number, params Type[] types) =>
            builder.WithCustomSerializer(name, types, system => new RefusingSerializer(system, number, setup));

        void Narrow(string name, Func<ExtendedActorSystem, Serializer> make, FrozenDictionary<string, Type?>? taken, params Type[] types) =>
            builder.WithCustomSerializer(name, types, system => new NarrowSerializer(system, make(system), taken, setup));
    }
}
