using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Membership;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Membership;

/// <summary>A process that is nothing but a member, and exits as a host does.</summary>
internal sealed class MemberProcess : ILinkReceiver
{
    private readonly MembershipWorld _world;
    private readonly SimulatedLinks _links;
    private TimeSpan _reached;

    public MemberProcess(MembershipWorld world, ClusterNode self)
    {
        (_world, _reached) = (world, world.Now);
        Self = self;
        Process = new SimulatedProcess(world.World, self.Id);
        Store = new FaultyMembershipStore(world.Store, Decide, (delay, action) => world.World.After(delay, action)) { Clock = () => world.Now };
        _links = world.Network.Listen(self, Process);
        _links.Attach(this);
        var setup = new MembershipSetup(self, Store, _links, world.Options) { OnView = view => world.Seen(this, view), OnEnd = () => Ends++ };
        Membership = ClusterMembership.Start(world.World.CreateMembershipSystem(Process), setup);
        Process.Post(() => _ = RunAsync());
    }

    public ClusterNode Self { get; }

    public SimulatedProcess Process { get; }

    public FaultyMembershipStore Store { get; }

    public ClusterMembership Membership { get; }

    public List<ClusterView> Views { get; } = [];

    public MembershipEnd? End { get; private set; }

    /// <summary>How many times it was told, in the agent's turn, that it is no member any more.</summary>
    public int Ends { get; private set; }

    public TimeSpan EndedAt { get; private set; } = TimeSpan.MaxValue;

    /// <summary>For how long it had not reached the store when it ended.</summary>
    public TimeSpan StoreAwayFor { get; private set; }

    /// <summary>Until when an eviction is no surprise.</summary>
    public TimeSpan ExcusedUntil { get; set; }

    /// <summary>Whether it is out of reach of somebody on purpose.</summary>
    public TimeSpan CutUntil { get; set; }

    public void Kill() => _world.Network.Kill(_links);

    public bool Sees(params string[] names) => Membership.View.Nodes.Select(n => n.Name).SequenceEqual(names.Order(StringComparer.Ordinal));

    public void Receive(string peer, LinkMessage message)
    {
        if (message is AliveLink alive)
            Membership.Receive(peer, alive);
    }

    public void PeerChanged(string peer, LinkState state) => Membership.PeerChanged(peer, state);

    private MembershipCall Decide()
    {
        var (call, limit) = (_world.Decide(), _world.Options.FailureLimit);
        var end = _world.Now + call.Request + call.Answer;
        if (call.Fault == MembershipFault.None)
            _reached = end;
        else if (call.Fault == MembershipFault.Hang)
            end = _world.Now + _world.Options.StoreTimeout;

        // One failed call after the other for all of the limit: to this node, the database was away.
        if (end - _reached > limit - _world.Options.RetryInterval)
            ExcusedUntil = TimeSpan.FromTicks(Math.Max(ExcusedUntil.Ticks, (end + limit).Ticks));
        return call;
    }

    private async Task RunAsync()
    {
        End = await Membership.Ended;
        EndedAt = _world.Now;
        StoreAwayFor = EndedAt - Store.ReachedAt;
        if (End.MayDrain)
            await Task.Delay(TimeSpan.FromMilliseconds(200), Process.Clock);

        await Membership.LeaveAsync();
        Kill();
    }
}
