using ClusterChat.Cluster.Abuse;

namespace ClusterChat.Storage;

/// <summary>What the adapters of <see cref="IBlockStore"/> and <see cref="IMessageAudit"/> have in common.</summary>
internal static class StoreRules
{
    public const string LostVersion = "the list of blocks has lost its version";

    /// <summary>Refuses texts that one of the databases would cut or change.</summary>
    /// <exception cref="ArgumentException">A text has a NUL or a lone surrogate.</exception>
    public static void ThrowUnlessText(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (text is not null && !EntryRules.IsText(text))
                throw new ArgumentException("A text cannot have a NUL or a lone surrogate.", nameof(texts));
        }
    }

    /// <inheritdoc cref="ThrowUnlessText(ReadOnlySpan{string?})"/>
    public static void ThrowUnlessText(IReadOnlyList<AuditedMessage> entries)
    {
        foreach (var e in entries)
            ThrowUnlessText(e.Room, e.Mid, e.User, e.Session, e.Address);
    }
}
