namespace ClusterChat.Cluster.Abuse;

/// <summary>Who sent a message, and from where.</summary>
/// <param name="Room">The room.</param>
/// <param name="Seq">The message's number in the room's log. A room that was deleted gives its numbers out again.</param>
/// <param name="Mid">The writer's id of the message.</param>
/// <param name="User">The identity of the writer.</param>
/// <param name="Session">Its session; empty where it has none. See <see cref="BlockKind.Session"/>.</param>
/// <param name="Address">From where it came, as the gateway saw it: behind proxies, what they say.</param>
/// <param name="At">When the gateway acked it; Unix time in milliseconds.</param>
/// <param name="IsRepeat">Whether the message was there already: it was sent again, from this address.</param>
public sealed record AuditedMessage(string Room, long Seq, string Mid, string User, string Session, string Address, long At, bool IsRepeat)
{
    /// <summary>The store's number of the entry, higher for later ones; 0 before it has one.</summary>
    public long Id { get; init; }
}
