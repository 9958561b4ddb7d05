using ClusterChat.Cluster;

namespace ClusterChat.Messages;

/// <summary>
/// An operator's order to a gateway. Answered with <see cref="GatewayReported"/> under the same request number; a gateway of
/// an earlier version that does not know the order does not answer.
/// </summary>
/// <param name="Request">The sender's number of this request.</param>
/// <param name="Order">What the gateway is to do.</param>
public sealed record OrderGateway(long Request, GatewayOrder Order) : INodeMessage;
