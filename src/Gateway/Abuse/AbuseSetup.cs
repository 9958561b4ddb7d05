using ClusterChat.Cluster.Abuse;

namespace ClusterChat.Gateway.Abuse;

/// <summary>What a node has against abuse.</summary>
/// <param name="Blocks">Where it is kept who is kept out.</param>
/// <param name="Audit">Where it is kept who sent what from where; null where it is not.</param>
public sealed record AbuseSetup(IBlockStore Blocks, IMessageAudit? Audit)
{
    /// <summary>How long a guest's session is good for that is not shown meanwhile: so long it is remembered that it was ended.</summary>
    public required TimeSpan GuestSessionAge { get; init; }

    /// <summary>The limits of the list of blocks.</summary>
    public BlockOptions BlockOptions { get; init; } = new();

    /// <summary>The limits of the audit.</summary>
    public AuditOptions AuditOptions { get; init; } = new();
}
