namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>
/// Where to send messages for one actor. Safe to use from any thread, and after the actor has stopped.
/// </summary>
public interface IActorRef<in TMessage> where TMessage : class
{
    /// <summary>A label for logs. Names need not be unique.</summary>
    string Name { get; }

    /// <summary>
    /// Puts a message into the actor's mailbox; never blocks, never runs the actor on the caller's thread. Messages of
    /// one sender thread are handled in the order in which they were told.
    /// </summary>
    /// <returns>
    /// False if the message was not taken: the mailbox is full (counted as refused), or the actor has stopped or was
    /// asked to (counted as a dead letter). True is no promise that it will be handled: an actor that stops first turns
    /// the waiting messages into dead letters.
    /// </returns>
    bool Tell(TMessage message);

    /// <summary>
    /// As <see cref="Tell"/>, past the mailbox's capacity: for messages that must not be refused and whose number
    /// something else bounds, such as one for each open connection.
    /// </summary>
    /// <returns>False: the actor has stopped or was asked to.</returns>
    bool TellPastCapacity(TMessage message);

    /// <summary>
    /// Asks the actor to stop. When this returns, <see cref="Tell"/> takes nothing any more. The message that is being
    /// handled is finished; those that wait become dead letters.
    /// </summary>
    void Stop();

    /// <summary>
    /// Whether the actor has stopped or was asked to, so that <see cref="Tell"/> will never take anything again. After a
    /// Tell that returned false it tells a mailbox that is full for now from an actor that has to be replaced.
    /// </summary>
    bool IsStopping => Stopped.IsCompleted;

    /// <summary>Completes after <see cref="Actor{TMessage}.OnStop"/> of the actor and of all its children; never faults.</summary>
    Task Stopped { get; }
}
