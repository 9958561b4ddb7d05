namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>How to make and run an actor.</summary>
/// <param name="Name">A label for logs.</param>
/// <param name="Create">Makes an instance; called again for each restart, in a turn of the actor. An exception is a failure of the actor.</param>
public sealed record ActorProps<TMessage>(string Name, Func<Actor<TMessage>> Create) where TMessage : class
{
    /// <summary>How many messages may wait, at least 1. Timer messages and piped outcomes come on top.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>
    /// How many messages one turn handles before others get the thread, at least 1. The default is a guess between fairness
    /// (Akka and Proto.Actor use 5 and 300) and a batch that makes <see cref="Actor{TMessage}.OnTurnEnd"/> worth it.
    /// </summary>
    public int Throughput { get; init; } = 64;

    public SupervisorStrategy Supervision { get; init; } = SupervisorStrategy.Default;
}
