using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;
using ClusterChat.Cluster.Membership.Actors;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.TestKit;

/// <summary>One node of several: links, membership and engine, put together as the host does it.</summary>
internal sealed class MemberSeat : ISimSeat
{
    private readonly ClusterNode _self;
    private readonly SimStoreAccess _store;
    private readonly MembershipOptions _options;
    private readonly MembershipBridge _bridge = new();
    private readonly ShardedRoomCluster _engine;
    private readonly ActorSystem _actors;
    private ClusterMembership? _membership;

    public MemberSeat(Simulation simulation, SimulatedNetwork network, ClusterNode self, SimStoreAccess store, MembershipOptions options, Action<string> failed)
    {
        (_self, _store, _options) = (self, store, options);
        _actors = simulation.CreateMembershipSystem(store.Process, new FailureLogger<ActorSystem>(failed));
        Links = network.Listen(self, store.Process);
        _engine = new ShardedRoomCluster(
            self, Links, _bridge, _bridge.SeenView, store.Process.Clock, NullLogger<ShardedRoomCluster>.Instance);
    }

    public SimulatedLinks Links { get; }

    public IRoomCluster Engine => _engine;

    public IGatewayLinks Gateways => _engine;

    public IRoomHandovers? Handovers => _engine;

    public long? OwnedUnder(string room) => _engine.OwnedUnder(room);

    // Asked for only after it has begun to join.
    public Task<MembershipEnd> Ended => _membership!.Ended;

    public void Attach(IRoomRegion region) => _engine.Attach(region);

    public async Task<bool> JoinAsync()
    {
        _membership = ClusterMembership.Start(
            _actors, new MembershipSetup(_self, _store.Membership, Links, _options) { OnView = _engine.OnView, OnEnd = _engine.OnEnd }, null);
        _bridge.Attach(_membership);
        return await _membership.Joined;
    }

    public Task<NodeRoles> RetireAsync() => _membership!.RetireAsync();

    public async Task LeaveAsync()
    {
        await _membership!.LeaveAsync();
        Links.Stop();
        await _actors.StopAsync();
    }
}
