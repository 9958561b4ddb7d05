using Microsoft.Data.Sqlite;

namespace ClusterChat.Storage.Sqlite;

/// <summary>Where the SQLite databases are, and how long the adapters wait for them.</summary>
public sealed record SqliteStorageOptions
{
    /// <summary>
    /// The folder of the database files; created with mode 0700 where it is missing. It must be on a local disk:
    /// SQLite's write-ahead log needs shared memory between the processes that use it.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>
    /// How long a transaction waits for another process's write transaction. 5 s is some thousand commits of a
    /// slow disk.
    /// </summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a caller waits for its answer, queueing included. Above <see cref="BusyTimeout"/>, so that the
    /// store's own reason is usually the one that is reported.
    /// </summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many events may wait to be written; beyond it appends are refused at once. An event whose line is
    /// longer than 1 KiB counts once more for each KiB, so the lines take 64 MiB at most.
    /// </summary>
    public int QueuedEvents { get; init; } = 65_536;

    /// <summary>How many reads may wait; beyond it reads are refused at once.</summary>
    public int QueuedReads { get; init; } = 4_096;

    /// <summary>
    /// After how many events a transaction takes no further request: the bound on how long one commit makes the
    /// others wait. 1,000 events of as many rooms are some 9 MB of log, 0.1 s on a slow disk.
    /// </summary>
    public int EventsPerTransaction { get; init; } = 1_024;

    /// <summary>How many threads read.</summary>
    public int Readers { get; init; } = 2;

    /// <summary>What is trimmed in the background; null for nothing.</summary>
    public JournalTrimming? Trimming { get; init; }

    /// <summary>How rows of earlier versions that stand for nothing are removed.</summary>
    internal EmptyRoomRules EmptyRooms { get; init; } = new();

    /// <summary>For tests that make a session fail: sees each of the writer's connections.</summary>
    internal Action<SqliteConnection>? OnSession { get; init; }

    /// <summary>How long closing may take: what is queued may have to wait for another process's transaction.</summary>
    internal TimeSpan CloseTimeout => BusyTimeout + OperationTimeout;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Folder, nameof(Folder));
        ArgumentOutOfRangeException.ThrowIfLessThan(BusyTimeout, TimeSpan.Zero, nameof(BusyTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(OperationTimeout, TimeSpan.Zero, nameof(OperationTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(QueuedEvents, 1, nameof(QueuedEvents));
        ArgumentOutOfRangeException.ThrowIfLessThan(QueuedReads, 1, nameof(QueuedReads));
        ArgumentOutOfRangeException.ThrowIfLessThan(EventsPerTransaction, 1, nameof(EventsPerTransaction));
        ArgumentOutOfRangeException.ThrowIfLessThan(Readers, 1, nameof(Readers));
        Trimming?.Validate();
    }
}
