using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>What all connections of a node share.</summary>
internal sealed record LinkContext(
    ClusterNode Self, LinkOptions Options, Preamble Preamble, TimeProvider Clock, LinkMetrics Metrics, ILogger Logger);
