namespace ClusterChat.Cluster;

/// <summary>The way from an operator, who asks any node, to the gateways of the cluster.</summary>
public interface IGatewayOrders
{
    /// <summary>The nodes that are asked: those of the newest view that may have connections of clients, also while they leave, in the order of their names.</summary>
    IReadOnlyList<ClusterNode> Gateways { get; }

    /// <summary>
    /// Gives an order to a gateway. It is carried out at most once. Null: no answer came in time, so it is not known whether it was.
    /// </summary>
    Task<GatewayReport?> AskAsync(ClusterNode gateway, GatewayOrder order, CancellationToken cancellationToken);

    /// <summary>Says who carries out orders on this node. Called once; not on a node without that role.</summary>
    void Attach(Func<GatewayOrder, Task<GatewayReport>> gateway);
}
