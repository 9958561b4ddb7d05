namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>What an <see cref="ActorDirectory{TEntry,TMessage}"/> keeps of an actor.</summary>
public interface IActorEntry<in TMessage>
    where TMessage : class
{
    /// <summary>The actor.</summary>
    IActorRef<TMessage> Actor { get; }
}
