using System.Runtime.CompilerServices;

namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>
/// One actor at run time: mailbox, life cycle, supervision. `ActorCell.Context.cs` has what the actor itself calls.
/// </summary>
/// <remarks>
/// How a turn runs. Whoever adds to one of the two queues then tries to swap <c>_scheduled</c> from 0 to 1; who succeeds hands
/// the cell to the dispatcher. The turn takes all system messages, then user messages one by one up to the quota,
/// looking for system messages before each. At its end it swaps <c>_scheduled</c> back to 0 and looks at the queues again;
/// if something is there it takes part in the same race as every sender. So at most one turn is scheduled or running, and
/// everything without an "any thread" remark below belongs to it; the swaps, which are full fences, order the turns.
///
/// The races, and why they are harmless:
///
/// 1. A sender enqueues between the turn's last look and the swap to 0. Its own swap fails, but the turn's look after
///    the swap finds the message. If it enqueues after that look, its swap succeeds. If both see each other, one swap wins.
///
/// 2. A sender has passed the gate and has not enqueued yet when the actor stops. The message arrives in a dead mailbox
///    and schedules a turn, which counts it as a dead letter. It was never half processed.
///
/// 3. The same when the actor tries to passivate: the gate counts the sender, so the actor stays, and the message follows.
///    A sender that comes after the gate closed gets false and may spawn a successor, whose first turn may overlap
///    the rest of this cell's last turn: OnStop of the old one may run after OnStart of the new one. Owners that mind
///    wait for <see cref="Stopped"/>.
///
/// 4. A timer fires while the actor cancels or replaces it. The callback only enqueues the timer itself; the actor, when it
///    comes to it, sees the mark that it set in an earlier moment of its own turns. Nobody else reads the mark.
///
/// 5. A piped outcome arrives after a restart: it carries the number of the incarnation that asked, and is dropped.
///    The same number keeps a late back-off timer from resuming a later restart.
///
/// 6. <see cref="Stop"/> closes the gate at once, from any thread, while a message is being handled. That message is
///    finished; an exception in it then leads to the stop that was asked for and not to a restart.
/// </remarks>
internal sealed partial class ActorCell<TMessage> : IActorRef<TMessage>, IActorContext<TMessage>, IActorCell, IRunnable
    where TMessage : class
{
    private readonly ActorSystem _system;
    private readonly IActorCell? _parent;
    private readonly ActorProps<TMessage> _props;
    private readonly StopNotice _stopped;

    // Any thread. The queue holds TMessage or Delivery<TMessage>.
    private readonly Mailbox _mailbox = new();
    private SystemQueue _signals;
    private MailboxGate _gate;
    private int _scheduled;
    private int _turnThread;

    private Phase _phase = Phase.New;
    private Actor<TMessage>? _instance;
    private bool _turnOpen;
    private int _incarnation;
    private bool _backoffOver;
    private ITimer? _backoffTimer;
    private RestartBudget? _budget;

    public ActorCell(ActorSystem system, IActorCell? parent, ActorProps<TMessage> props)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(props.Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(props.Throughput, 1);
        _system = system;
        _parent = parent;
        _props = props;
        _stopped = new StopNotice(props.Name);
    }

    private enum Phase
    {
        New,
        Running,
        Restarting, // No instance; the mailbox is kept. Waits for the back-off and for the children.
        Stopping,   // Waits for the children; what is in the mailbox becomes dead letters.
        Stopped,
    }

    public string Name => _props.Name;

    public bool IsStopping => _gate.IsClosed;

    public Task Stopped => _stopped.Task;

    /// <summary>Any thread.</summary>
    public bool Tell(TMessage message) => Tell(message, _props.Capacity);

    /// <summary>Any thread.</summary>
    public bool TellPastCapacity(TMessage message) => Tell(message, int.MaxValue);

    private bool Tell(TMessage message, int capacity)
    {
        switch (_gate.TryEnter(capacity))
        {
            case Admission.Taken:
                _mailbox.Add(message);
                ScheduleTurn();
                return true;
            case Admission.Full:
                _system.Metrics.Refused();
                return false;
            default:
                _system.Metrics.DeadLetter();
                return false;
        }
    }

    /// <summary>Any thread.</summary>
    public void Stop()
    {
        _gate.Close();
        Signal(new SystemMessage(SystemSignal.Stop));
    }

    /// <summary>Any thread; once.</summary>
    public void Start() => Signal(new SystemMessage(SystemSignal.Start));

    /// <summary>Any thread.</summary>
    public void ChildStopped(IActorCell child) => Signal(new SystemMessage(SystemSignal.ChildStopped, child));

    /// <summary>Any thread.</summary>
    public void Post(Delivery<TMessage> delivery)
    {
        if (delivery.IsOutcome && !_gate.TryEnterOutcome())
        {
            _system.Metrics.DeadLetter();
            return;
        }
        _mailbox.Add(delivery);
        ScheduleTurn();
    }

    public void Run()
    {
        _turnThread = Environment.CurrentManagedThreadId;
        RunTurn();
        _turnThread = 0;
        // Read before the swap; after it the next turn may already run. A stale value costs one empty turn: only a turn
        // can end a restart, and it looks at the mailbox itself.
        var keepsMail = _phase is Phase.Restarting or Phase.New;
        Interlocked.Exchange(ref _scheduled, 0);
        if (!_signals.IsEmpty || (!keepsMail && !_mailbox.IsEmpty))
            ScheduleTurn();
    }

    public override string ToString() => Name;

    private void Signal(SystemMessage message)
    {
        _signals.Push(message);
        ScheduleTurn();
    }

    private void ScheduleTurn()
    {
        if (Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0)
            _system.Dispatcher.Schedule(this);
    }

    private void RunTurn()
    {
        for (var handled = 0; handled < _props.Throughput; handled++)
        {
            HandleSignals();
            if (_phase != Phase.Running || !_mailbox.TryTake(out var item))
                break;
            Handle(item);
        }

        if (_phase == Phase.Running && _turnOpen)
            EndTurn();
        else if (_phase is Phase.Stopping or Phase.Stopped)
            DropMailbox();
    }

    private void Handle(object item)
    {
        try
        {
            if (item is Delivery<TMessage> delivery)
            {
                if (delivery.IsOutcome)
                    _gate.LeaveOutcome();
                if (!delivery.TryTake(_incarnation, out var made))
                {
                    if (delivery.IsOutcome)
                        _system.Metrics.DeadLetter();
                    return;
                }
                item = made;
            }
            else
            {
                _gate.Leave();
            }
            _turnOpen = true;
            _instance!.OnMessage(Unsafe.As<TMessage>(item));
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void EndTurn()
    {
        _turnOpen = false;
        try
        {
            _instance!.OnTurnEnd();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void HandleSignals()
    {
        if (_signals.IsEmpty)
            return;
        for (var message = _signals.TakeAll(); message is not null; message = message.Next)
        {
            switch (message.Signal)
            {
                case SystemSignal.Start when _phase == Phase.New:
                    StartInstance();
                    break;
                case SystemSignal.Stop:
                    BeginStop();
                    break;
                case SystemSignal.Resume when message.Incarnation == _incarnation:
                    _backoffOver = true;
                    RestartIfReady();
                    break;
                case SystemSignal.ChildStopped:
                    _children?.Remove(message.Child!);
                    if (_phase == Phase.Stopping)
                        StopIfReady();
                    else
                        RestartIfReady();
                    break;
            }
        }
    }

    private void StartInstance()
    {
        _phase = Phase.Running;
        try
        {
            var instance = _props.Create();
            instance.Attach(this);
            _instance = instance;
            _turnOpen = true;
            instance.OnStart();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }
}
