using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;

namespace ClusterChat.TestKit;

/// <summary>A node without a cluster.</summary>
internal sealed class LoneSeat(ClusterNode self) : ISimSeat
{
    private readonly LocalRoomCluster _engine = new(self);
    private readonly TaskCompletionSource<MembershipEnd> _ended = new();

    public IRoomCluster Engine => _engine;

    public IGatewayLinks Gateways => _engine;

    public IRoomHandovers? Handovers => null;

    public long? OwnedUnder(string room) => _engine.View.Number;

    public Task<MembershipEnd> Ended => _ended.Task;

    public void Attach(IRoomRegion region) => _engine.Attach(region);

    public Task<bool> JoinAsync() => Task.FromResult(true);

    public Task<NodeRoles> RetireAsync() => Task.FromResult(NodeRoles.Rooms);

    public Task LeaveAsync()
    {
        _ended.TrySetResult(new MembershipEnd(MembershipEndReason.Left, "it was alone"));
        return Task.CompletedTask;
    }
}
