namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>How an actor ends: by a failure, for a restart, for good.</summary>
internal sealed partial class ActorCell<TMessage>
{
    private void Fail(Exception exception)
    {
        _turnOpen = false;
        _budget ??= new RestartBudget(_props.Supervision);
        if (_gate.IsClosed || !_budget.TryTake(_system.Clock.GetTimestamp(), _system.Clock, _system.Roll(), out var backoff))
        {
            _system.LogStoppedByFailure(exception, Name);
            BeginStop();
            return;
        }

        _system.LogRestart(exception, Name, backoff.TotalMilliseconds);
        _system.Metrics.Restart();
        _phase = Phase.Restarting;
        _backoffOver = false;
        StopInstance();
        // After OnStop: what that pipes belongs to the old instance.
        _incarnation++;
        CancelTimers();
        StopChildren();
        _backoffTimer = _system.Clock.CreateTimer(
            static state =>
            {
                var (cell, incarnation) = ((ActorCell<TMessage>, int))state!;
                cell.Signal(new SystemMessage(SystemSignal.Resume, incarnation: incarnation));
            },
            (this, _incarnation),
            backoff,
            Timeout.InfiniteTimeSpan);
    }

    private void RestartIfReady()
    {
        if (_phase != Phase.Restarting || !_backoffOver || _children is { Count: > 0 })
            return;
        _backoffTimer?.Dispose();
        _backoffTimer = null;
        StartInstance();
    }

    private void BeginStop()
    {
        if (_phase is Phase.Stopping or Phase.Stopped)
            return;
        _gate.Close();
        if (_turnOpen)
            EndLastTurn();
        _phase = Phase.Stopping;
        _backoffTimer?.Dispose();
        CancelTimers();
        StopChildren();
        StopIfReady();
    }

    private void StopIfReady()
    {
        if (_children is { Count: > 0 })
            return;
        StopInstance();
        _phase = Phase.Stopped;
        DropMailbox();
        if (_parent is null)
            _system.RootStopped(this);
        else
            _parent.ChildStopped(this);
        _system.Dispatcher.Schedule(_stopped);
    }

    /// <summary>A failure here changes nothing: the actor stops anyway.</summary>
    private void EndLastTurn()
    {
        _turnOpen = false;
        try
        {
            _instance?.OnTurnEnd();
        }
        catch (Exception e)
        {
            _system.LogFailedInStop(e, Name);
        }
    }

    private void StopInstance()
    {
        var instance = _instance;
        _instance = null;
        try
        {
            instance?.OnStop();
        }
        catch (Exception e)
        {
            _system.LogFailedInStop(e, Name);
        }
    }

    private void DropMailbox()
    {
        var count = 0;
        while (_mailbox.TryTake(out var item))
        {
            if (item is not Delivery<TMessage> { IsOutcome: false })
                count++;
        }
        if (count == 0)
            return;
        _system.Metrics.DeadLetter(count);
        _system.LogUnhandled(Name, count);
    }
}
