namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>
/// State that one thread at a time works on. The methods below never run concurrently for one actor, and what one of them
/// wrote is visible to the next, whichever thread runs it. They must not block; what takes time goes through
/// <see cref="IActorContext{TMessage}.Pipe{T}"/>.
/// </summary>
public abstract class Actor<TMessage> where TMessage : class
{
    private IActorContext<TMessage>? _context;

    /// <summary>Valid from <see cref="OnStart"/> to <see cref="OnStop"/>, and only inside of the actor's own methods.</summary>
    protected IActorContext<TMessage> Context =>
        _context ?? throw new InvalidOperationException("An actor has no context before OnStart; move this out of the constructor.");

    /// <summary>Runs before the first message. An exception is a failure like one in <see cref="OnMessage"/>.</summary>
    protected internal virtual void OnStart() { }

    /// <summary>Handles one message. An exception is a failure: supervision replaces or stops this instance.</summary>
    protected internal abstract void OnMessage(TMessage message);

    /// <summary>
    /// Runs after the last message of a turn (mailbox empty or quota used), after <see cref="OnStart"/>, and before
    /// <see cref="OnStop"/> if messages were handled since: the place to flush what the turn gathered. It is skipped
    /// if the instance failed in this turn.
    /// </summary>
    protected internal virtual void OnTurnEnd() { }

    /// <summary>
    /// The last call of an instance: when the actor stops (its children have stopped by then) and before a restart replaces
    /// the instance (its children are still stopping). It is also called if <see cref="OnStart"/> failed. Exceptions are
    /// logged. No timers or children can be started here.
    /// </summary>
    protected internal virtual void OnStop() { }

    internal void Attach(IActorContext<TMessage> context)
    {
        if (_context is not null)
            throw new InvalidOperationException($"ActorProps.Create of '{context.Self.Name}' returned an instance that was used before.");
        _context = context;
    }
}
