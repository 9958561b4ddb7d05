using ClusterChat.Cluster;

namespace ClusterChat.Messages;

/// <summary>The answer to <see cref="OrderGateway"/>.</summary>
/// <param name="Request">The request's number.</param>
/// <param name="Report">What came of it; null where it failed.</param>
public sealed record GatewayReported(long Request, GatewayReport? Report) : INodeMessage;
