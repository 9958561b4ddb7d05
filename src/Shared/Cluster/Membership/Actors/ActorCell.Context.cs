namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>What an actor calls from its own methods.</summary>
internal sealed partial class ActorCell<TMessage>
{
    private HashSet<IActorCell>? _children;
    private Dictionary<string, TimerDelivery<TMessage>>? _timers;

    IActorRef<TMessage> IActorContext<TMessage>.Self => this;

    IActorSystem IActorContext<TMessage>.System => _system;

    TimeProvider IActorContext<TMessage>.Clock => _system.Clock;

    public IActorRef<TChild> Spawn<TChild>(ActorProps<TChild> props) where TChild : class
    {
        CheckInTurn();
        if (_phase != Phase.Running)
            throw new InvalidOperationException($"Actor '{Name}' cannot spawn '{props.Name}': it is stopping.");
        var child = new ActorCell<TChild>(_system, this, props);
        (_children ??= []).Add(child);
        child.Start();
        return child;
    }

    public void StartTimer(string key, TMessage message, TimeSpan due, TimeSpan? period = null)
    {
        CheckInTurn();
        CancelTimer(key);
        if (_phase != Phase.Running)
            return;
        var timer = new TimerDelivery<TMessage>(this, key, message, periodic: period is not null);
        (_timers ??= new(StringComparer.Ordinal))[key] = timer;
        timer.Begin(_system.Clock, due, period ?? Timeout.InfiniteTimeSpan);
    }

    public void CancelTimer(string key)
    {
        CheckInTurn();
        if (_timers is not null && _timers.Remove(key, out var timer))
            timer.Cancel();
    }

    public void Pipe<T>(ValueTask<T> task, Func<T, TMessage> success, Func<Exception, TMessage> failure)
    {
        CheckInTurn();
        new PipeDelivery<TMessage, T>(this, _incarnation, success, failure).Begin(task);
    }

    public bool TryPassivate()
    {
        CheckInTurn();
        if (!_gate.TryCloseIfEmpty())
            return false;
        Signal(new SystemMessage(SystemSignal.Stop));
        return true;
    }

    private void CancelTimers()
    {
        if (_timers is null)
            return;
        foreach (var timer in _timers.Values)
            timer.Cancel();
        _timers = null;
    }

    private void StopChildren()
    {
        if (_children is null)
            return;
        foreach (var child in _children)
            child.Stop();
    }

    private void CheckInTurn()
    {
        if (_turnThread != Environment.CurrentManagedThreadId)
            throw new InvalidOperationException($"The context of actor '{Name}' was used outside of its turn; pipe the result to the actor instead.");
    }
}
