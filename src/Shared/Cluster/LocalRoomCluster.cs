using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace ClusterChat.Cluster;

/// <summary>
/// The engine for one process alone: gateway and rooms hand each other the messages themselves.
/// </summary>
public sealed class LocalRoomCluster : IRoomCluster, IGatewayLinks, IGatewayOrders
{
    private IRoomMessageSink? _sink;
    private IRoomRegion? _region;
    private Func<GatewayOrder, Task<GatewayReport>>? _gateway;

    /// <summary>Creates the engine for a node that has both roles.</summary>
    public LocalRoomCluster(ClusterNode node)
    {
        Self = node.Id;
        View = new ClusterView(0, ImmutableArray.Create(node));
    }

    /// <inheritdoc/>
    public string Self { get; }

    /// <inheritdoc/>
    public ClusterView View { get; }

    /// <summary>Says where messages for rooms go. Called once, before the first message.</summary>
    public void Attach(IRoomRegion region) => _region = region;

    /// <inheritdoc/>
    public void Attach(IRoomMessageSink sink) => _sink = sink;

    /// <inheritdoc/>
    public bool Tell(ToRoom message) => _region!.Deliver(message);

    /// <inheritdoc/>
    public void Tell(string gateway, FromRoom message)
    {
        if (gateway == Self)
        {
            _sink?.Deliver(message);
        }
    }

    /// <inheritdoc/>
    public void TellHeads(string gateway, IReadOnlyList<RoomHead> heads)
    {
        if (gateway == Self)
        {
            _sink?.DeliverHeads(heads);
        }
    }

    /// <inheritdoc/>
    public ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        => _region!.ListRoomsAsync(prefix, after, limit, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<ClusterNode> Gateways => View.Nodes;

    /// <inheritdoc/>
    public void Attach(Func<GatewayOrder, Task<GatewayReport>> gateway) => _gateway = gateway;

    /// <inheritdoc/>
    public async Task<GatewayReport?> AskAsync(ClusterNode gateway, GatewayOrder order, CancellationToken cancellationToken)
        => _gateway is null ? GatewayReport.None : await _gateway(order);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ClusterView> WatchViewsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return View;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
