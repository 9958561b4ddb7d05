namespace ClusterChat.Host;

/// <summary>What is to become of rooms' logs: section <c>ClusterChat:Journal</c>.</summary>
internal sealed class JournalOptions
{
    /// <summary>
    /// Whether PostgreSQL's fail-over is known to lose no committed transaction. Otherwise each room begins a new
    /// log after one.
    /// </summary>
    public bool TrustFailover { get; set; }

    /// <summary>How long events are kept; for ever where it is not set. PostgreSQL only.</summary>
    public TimeSpan? KeepFor { get; set; }

    /// <summary>How many events of a room are kept; all where it is not set. PostgreSQL only.</summary>
    public int? KeepEvents { get; set; }

    /// <summary>Whether anything is ever trimmed.</summary>
    internal bool Trims => KeepFor is not null || KeepEvents is not null;
}
