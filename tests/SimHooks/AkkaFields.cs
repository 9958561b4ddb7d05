namespace ClusterChat.SimHooks;

/// <summary>A private static field of Akka that the simulation reaches for by reflection.</summary>
/// <param name="Assembly">The simple name of its assembly.</param>
/// <param name="Type">The full name of its type; <c>/</c> before a nested one.</param>
/// <param name="Name">The field's name.</param>
public sealed record AkkaField(string Assembly, string Type, string Name);

/// <summary>
/// All private fields of Akka that a simulation depends on. One list for both sides: the weaver fails the build when one of them is gone, and the
/// kernel reads them.
/// </summary>
public static class AkkaFields
{
    /// <summary>A thread's random numbers: uids of systems and actors, jitter of back-offs, gossip's choice of peers.</summary>
    public static AkkaField Random { get; } = new("Akka", "Akka.Util.ThreadLocalRandom", "_rng");

    /// <summary>
    /// Counters of the whole process, with the value that they have at its start. They show in the names of actors, in the order of
    /// sets by way of hash codes, and in the version vectors of replicated data: a world would depend on how many went before it.
    /// </summary>
    public static IReadOnlyList<(AkkaField Field, long Start)> Counters { get; } =
    [
        (new("Akka", "Akka.Event.EventStream", "UnsubscribersCounter"), 0),
        (new("Akka", "Akka.Event.LoggingBus", "_loggerId"), 0),
        (new("Akka", "Akka.Actor.Inbox", "_inboxNr"), 0),
        (new("Akka.Remote", "Akka.Remote.Transport.AkkaProtocolTransport", "UniqueId"), 0),
        (new("Akka.DistributedData", "Akka.DistributedData.VersionVector", "Counter"), 1),
    ];

    /// <summary>What the weaver looks for.</summary>
    public static IEnumerable<AkkaField> All => Counters.Select(c => c.Field).Prepend(Random);
}
