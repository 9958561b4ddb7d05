namespace ClusterChat.Storage;

/// <summary>
/// Which old events a journal forgets, by age, by number, or whichever comes first. The newest 10 minutes of a room
/// stay in any case: a client that sends a write again must find that it is there already.
/// </summary>
public sealed record JournalTrimming
{
    /// <summary>How long events are kept; null for ever.</summary>
    public TimeSpan? KeepFor { get; init; }

    /// <summary>How many events of a room are kept; null for all.</summary>
    public int? KeepEvents { get; init; }

    /// <summary>What is spared, whatever the rules say.</summary>
    internal static TimeSpan Spared { get; } = TimeSpan.FromMinutes(10);

    /// <summary>How often it is looked for. A minute is a tenth of what is spared, and nothing for the database.</summary>
    internal TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many events are deleted at once: some milliseconds in which the room's appends wait.</summary>
    internal int BatchEvents { get; init; } = 1_000;

    /// <summary>For tests: hears of each round, and how many events went.</summary>
    internal Action<long>? OnRound { get; init; }

    internal void Validate()
    {
        if (KeepFor is { } time)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(KeepFor));
        if (KeepEvents is { } count)
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(KeepEvents));
    }
}
