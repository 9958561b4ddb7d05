namespace ClusterChat.Cluster.Abuse;

/// <summary>Whom the operators keep out, until when, and why. Kind and value tell one from another.</summary>
/// <param name="Kind">What it goes by.</param>
/// <param name="Value">Who: an identity, a name, or an address or network in the form that all nodes agree on.</param>
/// <param name="Since">When it was set; Unix time in milliseconds.</param>
/// <param name="Until">When it ends; Unix time in milliseconds, <see cref="Forever"/> for never.</param>
/// <param name="Reason">What who is kept out gets to read; empty for nothing.</param>
/// <param name="By">The name of the key that set it.</param>
public sealed record Block(BlockKind Kind, string Value, long Since, long Until, string Reason, string By)
{
    /// <summary>It ends when somebody takes it away.</summary>
    public const long Forever = long.MaxValue;
}
