using System.Diagnostics.CodeAnalysis;

namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>Something in the user queue that is not a message itself, but may become one when the actor comes to it.</summary>
internal abstract class Delivery<TMessage> where TMessage : class
{
    /// <summary>True for what the gate counts, and what is a dead letter if it is not delivered.</summary>
    public abstract bool IsOutcome { get; }

    /// <summary>Called in a turn, once per stay in the queue.</summary>
    /// <param name="incarnation">The actor's current one.</param>
    /// <param name="message">What to deliver.</param>
    /// <returns>False if nothing is to be delivered.</returns>
    public abstract bool TryTake(int incarnation, [NotNullWhen(true)] out TMessage? message);
}

/// <summary>A timer: it is its own message in the mailbox, at most once at a time.</summary>
internal sealed class TimerDelivery<TMessage>(ActorCell<TMessage> cell, string key, TMessage message, bool periodic) : Delivery<TMessage>
    where TMessage : class
{
    private int _waiting;
    private bool _cancelled;
    private ITimer? _timer;

    public override bool IsOutcome => false;

    public void Begin(TimeProvider clock, TimeSpan due, TimeSpan period) =>
        _timer = clock.CreateTimer(static self => ((TimerDelivery<TMessage>)self!).Fire(), this, due, period);

    /// <summary>In a turn. What is already in the mailbox finds the mark when the actor comes to it.</summary>
    public void Cancel()
    {
        _cancelled = true;
        _timer?.Dispose();
    }

    public override bool TryTake(int incarnation, [NotNullWhen(true)] out TMessage? taken)
    {
        Interlocked.Exchange(ref _waiting, 0);
        taken = null;
        if (_cancelled)
            return false;
        if (!periodic)
            cell.CancelTimer(key);
        taken = message;
        return true;
    }

    private void Fire()
    {
        if (Interlocked.Exchange(ref _waiting, 1) == 0)
            cell.Post(this);
    }
}

/// <summary>An operation whose outcome becomes a message.</summary>
internal sealed class PipeDelivery<TMessage, T>(ActorCell<TMessage> cell, int incarnation, Func<T, TMessage> success, Func<Exception, TMessage> failure)
    : Delivery<TMessage>
    where TMessage : class
{
    private System.Runtime.CompilerServices.ValueTaskAwaiter<T> _awaiter;
    private T _result = default!;
    private Exception? _error;

    public override bool IsOutcome => true;

    /// <summary>
    /// The awaiter continues on the captured synchronization context, if there is one: none on the thread pool, the
    /// simulation's queue in a simulation.
    /// </summary>
    public void Begin(ValueTask<T> task)
    {
        _awaiter = task.GetAwaiter();
        if (_awaiter.IsCompleted)
            Complete();
        else
            _awaiter.UnsafeOnCompleted(Complete);
    }

    public override bool TryTake(int current, [NotNullWhen(true)] out TMessage? taken)
    {
        taken = current != incarnation ? null : _error is null ? success(_result) : failure(_error);
        return taken is not null;
    }

    private void Complete()
    {
        // Taken here and not in the turn: the outcome counts as observed even if the actor has stopped.
        try
        {
            _result = _awaiter.GetResult();
        }
        catch (Exception e)
        {
            _error = e;
        }
        _awaiter = default;
        cell.Post(this);
    }
}
