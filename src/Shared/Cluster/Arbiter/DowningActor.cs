using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Microsoft.Extensions.Logging;
using ClusterMember = Akka.Cluster.Member;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>
/// Throws dead nodes out of the cluster, the table of nodes deciding.
/// <list type="number">
/// <item><b>Suspicion</b>: a link is lost or cannot be made, or the failure detector says so.</item>
/// <item><b>Evidence</b>: a dial. Only a refusal proves that the process is gone; without one the failure detector's word counts, after
/// the patience of <see cref="EvictionPlan"/>.</item>
/// <item><b>Decision</b>: the table is read, and one compare-and-set removes all who are held for dead. So who was evicted evicts nobody, and of two sides
/// one wins. Without the table nobody is evicted.</item>
/// <item><b>Execution</b>: quarantine, without which Akka keeps a downed node until its detector finds it unreachable, and down.</item>
/// </list>
/// </summary>
/// <remarks>
/// <b>The table is the truth.</b> Every node registers before it joins; so a member that is missing in a list read after it was first
/// seen has been evicted, and whoever notices downs it. Whoever misses its own row ends its process.
/// <para>Calls of the table are made one at a time; their outcomes carry a number that tells late ones.</para>
/// </remarks>
internal sealed partial class DowningActor : UntypedActor, IWithTimers
{
    /// <summary>Looks for freezes, and for what is due. A tenth of the shortest interval in peace.</summary>
    public static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How soon the execution is repeated for a node that is a member still: Akka's way of downing has no answer.</summary>
    private static readonly TimeSpan ExecutionInterval = TimeSpan.FromSeconds(1);

    private readonly Akka.Cluster.Cluster _cluster;
    private readonly ArbiterSetup _setup;
    private readonly ArbiterOptions _options;
    private readonly ArbiterMetrics _metrics;
    private readonly ILogger _log;
    private readonly NodeKey _self;
    private readonly SortedDictionary<NodeKey, Peer> _members = new(NodeKeys.Order);
    private readonly CancellationTokenSource _stop = new();
    private long _tickAt;
    private long? _frozeAt;

    public DowningActor(Akka.Cluster.Cluster cluster, ArbiterSetup setup)
    {
        _cluster = cluster;
        _setup = setup;
        _options = setup.Options;
        _metrics = new ArbiterMetrics(setup.Meters);
        _log = setup.Loggers.CreateLogger<ArbiterDowningProvider>();
        _self = NodeKeys.Of(cluster.SelfUniqueAddress);
        _tickAt = _readAt = Now;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private long Now => _setup.Clock.GetTimestamp();

    protected override void PreStart()
    {
        var events = Context.System.EventStream;
        events.Subscribe(Self, typeof(DisassociatedEvent));
        events.Subscribe(Self, typeof(AssociationErrorEvent));
        events.Subscribe(Self, typeof(AssociatedEvent));
        events.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickInterval);
    }

    protected override void PostStop()
    {
        _stop.Cancel();
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                OnTick();
                break;
            case DisassociatedEvent e:
                Suspect(e.RemoteAddress);
                break;
            case AssociationErrorEvent e:
                Suspect(e.RemoteAddress);
                break;
            case AssociatedEvent e:
                OnAssociated(e.RemoteAddress);
                break;
            case ThisActorSystemQuarantinedEvent:
                RequestRead();
                break;
            case ClusterEvent.UnreachableMember e:
                OnReachability(e.Member, isUnreachable: true);
                break;
            case ClusterEvent.ReachableMember e:
                OnReachability(e.Member, isUnreachable: false);
                break;
            case ClusterEvent.MemberRemoved e:
                OnRemoved(NodeKeys.Of(e.Member.UniqueAddress));
                break;
            case ClusterEvent.IMemberEvent e:
                OnMember(e.Member);
                break;
            case Dialled dialled:
                OnDialled(dialled);
                break;
            case PatienceOver:
                OnPatienceOver();
                break;
            case Surveyed surveyed:
                OnSurveyed(surveyed);
                break;
            case ListRead read when IsPresent(read.Call):
                OnRead(read.List);
                break;
            case Changed changed when IsPresent(changed.Call):
                OnChanged(changed);
                break;
            case CallFailed failed when IsPresent(failed.Call):
                OnCallFailed(failed.Error);
                break;
            case CallOverdue overdue when IsPresent(overdue.Call):
                OnCallFailed(new NodeTableUnavailableException("It does not answer."));
                break;
            case ListRead or Changed or CallFailed or CallOverdue:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnTick()
    {
        NoticeFreeze();
        _tickAt = Now;
        foreach (var (key, peer) in _members)
        {
            if (peer.LeavesUntil is { } until && until <= Now && !peer.IsGone)
            {
                peer.IsGone = true;
                RequestRead();
            }

            WatchLostLink(key, peer);
            if (peer.IsMarked)
                Judge(key, peer);
            if (peer.ExecuteAt is { } at && at <= Now && (peer.IsLive || !peer.IsMarked))
                Execute(key, peer);
        }

        ReadIfDue();
    }

    /// <summary>
    /// Whether this process stood still: by whatever comes first after the gap, so that no timer that fell due within it takes the
    /// silence of the others for their death.
    /// </summary>
    private void NoticeFreeze()
    {
        if (_setup.Clock.GetElapsedTime(_tickAt) is var gap && gap < _options.FreezeGap)
            return;
        LogStoodStill(_log, _setup.Name, (long)gap.TotalMilliseconds);
        _tickAt = Now;
        _frozeAt = _tickAt;
        RequestRead();
        if (Timers.IsTimerActive(nameof(PatienceOver)))
            StartPatience();
    }

    private void OnMember(ClusterMember member)
    {
        var key = NodeKeys.Of(member.UniqueAddress);
        if (_members.TryGetValue(key, out var peer))
            peer.Member = member;
        else
            _members.Add(key, new Peer(member));
        if (member.Status != MemberStatus.Down)
            return;

        // Somebody has evicted it. If not, it was downed by hand, and its row is a leftover: nothing leads back from down.
        if (key != _self)
            _members[key].LeavesUntil ??= After(_options.LeavingGrace);
        RequestRead();
    }

    private void OnRemoved(NodeKey key)
    {
        if (_members.Remove(key, out var peer) && peer.IsUnreachable)
            OnUnreachableChanged();
        RequestRead();
    }

    /// <summary>
    /// Downs a member that is not in the table any more. Akka's downing knows addresses only: that the address still belongs to
    /// this start of the node is looked at just before, which leaves a window of one message in its own gossip.
    /// </summary>
    private void Execute(NodeKey key, Peer peer)
    {
        peer.ExecuteAt = After(ExecutionInterval);
        var address = peer.Member.UniqueAddress;
        if (((ExtendedActorSystem)Context.System).Provider is IRemoteActorRefProvider provider)
            provider.Quarantine(address.Address, address.Uid);

        // Remoting tells the cluster only if it knows the association.
        Context.System.EventStream.Publish(new QuarantinedEvent(address.Address, address.Uid));
        if (peer.IsLive && _cluster.State.Members.Any(m => m.UniqueAddress.Equals(address)))
        {
            LogDowns(_log, _setup.Name, key.Address, _setup.View.Number);
            _cluster.Down(address.Address);
        }
    }

    private long After(TimeSpan time) => Now + (long)(time.TotalSeconds * _setup.Clock.TimestampFrequency);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }

    private sealed class PatienceOver
    {
        public static readonly PatienceOver Instance = new();
    }

    private sealed record Dialled(NodeKey Node, bool IsRefused);

    private sealed record Surveyed(long Survey, IReadOnlyList<(NodeKey Node, ProbeResult Result)> Results);

    private sealed record ListRead(long Call, NodeList List);

    private sealed record Changed(long Call, NodeChange Change, NodeList Before, bool IsDone);

    private sealed record CallFailed(long Call, Exception Error);

    private sealed record CallOverdue(long Call);

    /// <summary>What is known of a member; also of this node itself.</summary>
    private sealed class Peer(ClusterMember member)
    {
        public ClusterMember Member { get; set; } = member;

        /// <summary>Somebody does not hear from it.</summary>
        public bool IsMarked { get; set; }

        public bool IsUnreachable { get; set; }

        /// <summary>It did not answer the dial of the last look around.</summary>
        public bool IsSilent { get; set; }

        /// <summary>Since when there is something against it.</summary>
        public long? SuspectedAt { get; set; }

        public bool IsDialling { get; set; }

        /// <summary>When the link to it was last lost, or could not be made; null: it stands, or has been down for so long that it may not be needed.</summary>
        public long? LinkLostAt { get; set; }

        /// <summary>It refused a dial while it was leaving, or is down: until when Akka may remove it by itself. Then it is gone.</summary>
        public long? LeavesUntil { get; set; }

        /// <summary>It is proved that its process is gone, or that it is no member for good.</summary>
        public bool IsGone { get; set; }

        /// <summary>It is not in the table any more: when to down it (again).</summary>
        public long? ExecuteAt { get; set; }

        public bool IsLive => Member.Status is not (MemberStatus.Down or MemberStatus.Removed);

        public bool IsLeaving => Member.Status is MemberStatus.Leaving or MemberStatus.Exiting;
    }
}
