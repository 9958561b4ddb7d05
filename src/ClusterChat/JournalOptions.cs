using System.ComponentModel.DataAnnotations;
using ClusterChat.Storage;

namespace ClusterChat.Host;

/// <summary>What is to become of rooms' logs: section <c>ClusterChat:Journal</c>.</summary>
internal sealed class JournalOptions
{
    /// <summary>
    /// Whether PostgreSQL's fail-over is known to lose no committed transaction. Otherwise each room begins a new
    /// log after one.
    /// </summary>
    public bool TrustFailover { get; set; }

    /// <summary>How long events are kept; for ever where it is not set.</summary>
    public TimeSpan? KeepFor { get; set; }

    /// <summary>How many events of a room are kept; all where it is not set.</summary>
    public int? KeepEvents { get; set; }

    /// <summary>
    /// About how many bytes of messages a room keeps; beyond it the oldest go. All where it is not set: nobody's messages go without somebody having said so. Where strangers
    /// can write, set it to a small part of the disk.
    /// </summary>
    public long? MaxRoomBytes { get; set; }

    /// <summary>
    /// Bytes that have to stay free on the disk of the SQLite files: below it messages are answered <c>unavailable</c>, until there is a quarter more. 0 lifts the limit.
    /// 256 MiB: a write-ahead log of the largest size, a checkpoint of it, and some seconds of a fast disk.
    /// </summary>
    [Range(0, double.MaxValue)]
    public long MinFreeBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// Bytes that the database may have: above it messages are answered <c>unavailable</c>, until there are a twentieth less. No limit where it is not set. With
    /// PostgreSQL the size of its files, with SQLite that of the pages in use.
    /// </summary>
    public long? MaxBytes { get; set; }

    /// <summary>What is trimmed; null for nothing.</summary>
    internal JournalTrimming? Trimming => KeepFor is null && KeepEvents is null && MaxRoomBytes is null
        ? null
        : new JournalTrimming { KeepFor = KeepFor, KeepEvents = KeepEvents, MaxRoomBytes = MaxRoomBytes };
}
