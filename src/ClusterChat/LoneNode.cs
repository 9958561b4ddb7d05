using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;

namespace ClusterChat.Host;

/// <summary>A node without a cluster.</summary>
/// <param name="self">The node.</param>
/// <param name="viewNumber">
/// The number of the last view of the cluster that used the same storage: rooms that were opened under it are refused to
/// whoever knows only older ones.
/// </param>
internal sealed class LoneNode(ClusterNode self, long viewNumber) : INodeCluster
{
    private readonly LocalRoomCluster _engine = new(self);
    private readonly TaskCompletionSource<MembershipEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IRoomCluster Engine => _engine;

    public IGatewayLinks Gateways => _engine;

    public IGatewayOrders Orders => _engine;

    public IRoomHandovers? Handovers => null;

    public long? OwnedUnder(string room) => viewNumber;

    public bool HasJoined => true;

    public TimeSpan? StoreSilence => null;

    public Task<MembershipEnd> Ended => _ended.Task;

    public void Attach(IRoomRegion region) => _engine.Attach(region);

    public Task JoinAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<NodeRoles> RetireAsync() => Task.FromResult(NodeRoles.Rooms);

    public Task LeaveAsync()
    {
        _ended.TrySetResult(new MembershipEnd(MembershipEndReason.Left, "it was alone"));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await LeaveAsync();
}
