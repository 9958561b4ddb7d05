namespace ClusterChat.Cluster.Abuse;

/// <summary>All blocks at one moment.</summary>
/// <param name="Version">Another one with each change.</param>
/// <param name="Blocks">The blocks, in no order. Some may have ended.</param>
public sealed record BlockList(long Version, IReadOnlyList<Block> Blocks);
