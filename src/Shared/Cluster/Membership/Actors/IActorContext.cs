namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>
/// What an actor may ask of its surroundings. Only for use inside of the actor's own methods: a call from another thread
/// or from a continuation throws <see cref="InvalidOperationException"/>, except for <see cref="Self"/>,
/// <see cref="System"/>, <see cref="Clock"/> and <see cref="Stop"/>.
/// </summary>
public interface IActorContext<TMessage> where TMessage : class
{
    IActorRef<TMessage> Self { get; }

    IActorSystem System { get; }

    TimeProvider Clock { get; }

    /// <summary>Starts a child: it stops before its parent stops, and when its parent is restarted.</summary>
    /// <exception cref="InvalidOperationException">The actor is stopping or being restarted.</exception>
    IActorRef<TChild> Spawn<TChild>(ActorProps<TChild> props) where TChild : class;

    /// <summary>
    /// Sends <paramref name="message"/> to this actor after <paramref name="due"/>, and then once per
    /// <paramref name="period"/>. It replaces a timer of the same key. A message of a cancelled or replaced timer is never
    /// delivered, also if it is already in the mailbox. Timer messages are taken past the mailbox's capacity; a periodic
    /// one that still waits in the mailbox is not added a second time. A restart cancels all timers.
    /// </summary>
    void StartTimer(string key, TMessage message, TimeSpan due, TimeSpan? period = null);

    /// <summary>Does nothing if there is no such timer.</summary>
    void CancelTimer(string key);

    /// <summary>
    /// Turns the outcome of an operation into a message to this actor, past the mailbox's capacity. The two functions run in
    /// a turn of the actor, so they may read its state. If the actor stops or is restarted first, the outcome is
    /// dropped and counted as a dead letter: a new instance never sees what an earlier one asked for.
    /// </summary>
    void Pipe<T>(ValueTask<T> task, Func<T, TMessage> success, Func<Exception, TMessage> failure);

    /// <summary>Stops this actor after the current message.</summary>
    void Stop();

    /// <summary>
    /// Stops this actor if no message and no piped outcome waits, atomically. True: the actor stops, every later
    /// <see cref="IActorRef{TMessage}.Tell"/> returns false, and nothing was lost, so the teller may spawn a successor (see
    /// <see cref="IActorRef{TMessage}.IsStopping"/>; also true if the actor was asked to stop before). False: there is work, and at least one more <see cref="Actor{TMessage}.OnMessage"/> follows.
    /// Waiting timer messages do not count.
    /// </summary>
    bool TryPassivate();
}
