using ClusterChat.Cluster.Membership.Actors;
using ClusterChat.Cluster.Links;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Cluster.Membership;

/// <summary>
/// A node's membership of its cluster: joins at once, keeps the node in the table, helps to remove others that are dead,
/// and says which nodes there are. Safe from any thread; nothing here blocks.
/// </summary>
public sealed class ClusterMembership
{
    /// <summary>Some messages a peer and second come; a report of a link must never be refused.</summary>
    private const int MailboxCapacity = 65_536;

    private readonly ViewStream _views = new();
    private readonly MembershipSignals _signals;
    private readonly IActorRef<MembershipMessage> _agent;

    private ClusterMembership(IActorSystem system, MembershipSetup setup, ILogger logger)
    {
        Self = setup.Self;
        _signals = new MembershipSignals(system.Clock);
        _agent = system.Spawn(new ActorProps<MembershipMessage>(
            $"membership of {setup.Self.Id}", () => new MembershipAgent(setup, _views, _signals, logger))
        {
            Capacity = MailboxCapacity,

            // A new instance would begin with a heartbeat counter below the one that was seen: better to end.
            Supervision = SupervisorStrategy.Stop,
        });
    }

    /// <summary>This node.</summary>
    public ClusterNode Self { get; }

    /// <summary>The newest view that this node was a member of; number 0 and without nodes before it joined.</summary>
    public ClusterView View => _views.Current;

    /// <summary>
    /// Completes when the node is a member, with true; with false if that came to nothing, see <see cref="Ended"/>.
    /// While the database is away it waits.
    /// </summary>
    public Task<bool> Joined => _signals.Joined.Task;

    /// <summary>
    /// Completes when the node is to stop, or has left. Where <see cref="MembershipEnd.MayDrain"/>, it is still a member and
    /// looks after its place until <see cref="LeaveAsync"/>. Never faults.
    /// </summary>
    public Task<MembershipEnd> Ended => _signals.Ended.Task;

    /// <summary>How long ago the database answered; before the first time, how long this node has been waiting for that.</summary>
    public TimeSpan StoreSilence => _signals.StoreSilence;

    /// <summary>Begins to join.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ClusterMembership Start(IActorSystem system, MembershipSetup setup, ILogger<ClusterMembership>? logger = null)
    {
        setup.Options.Validate();
        return new ClusterMembership(system, setup, logger ?? NullLogger<ClusterMembership>.Instance);
    }

    /// <summary>The views from now on, the present one first; only newer ones follow, and only the newest.</summary>
    public IAsyncEnumerable<ClusterView> WatchViewsAsync(CancellationToken cancellationToken) => _views.WatchAsync(cancellationToken);

    /// <summary>To be called with each change of a link, in order.</summary>
    public void PeerChanged(string peer, LinkState state) => _agent.Tell(new LinkReported(peer, state));

    /// <summary>To be called with each sign of life that came over a link.</summary>
    public void Receive(string peer, AliveLink alive) => _agent.Tell(new AliveReported(peer, alive));

    /// <summary>Somebody knows the view of this number; where it is newer than <see cref="View"/>, it is fetched at once.</summary>
    public void SeenView(long number)
    {
        if (number > View.Number)
            _agent.Tell(new NewerViewSeen(number));
    }

    /// <summary>
    /// Gives up the node's roles, and stays a member: its shards go to other nodes while it can still talk with them. Who
    /// is the last to own rooms keeps that role; the table decides who that is when several retire at once.
    /// </summary>
    /// <returns>
    /// What the node still does, once its own <see cref="View"/> says so; <see cref="NodeRoles.None"/> also where it is no member.
    /// While the database is away it waits.
    /// </returns>
    public Task<NodeRoles> RetireAsync()
    {
        _agent.Tell(new RetireRequested());
        return _signals.Retired.Task;
    }

    /// <summary>
    /// Removes the node from the table, after it has drained. Completes when that is done, when the node is out for another
    /// reason, or after <see cref="MembershipOptions.LeaveTimeout"/>; the others then find out by themselves.
    /// </summary>
    public Task LeaveAsync()
    {
        _agent.Tell(new LeaveRequested());
        return _agent.Stopped;
    }
}
