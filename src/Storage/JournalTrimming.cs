namespace ClusterChat.Storage;

/// <summary>
/// Which old events a journal forgets, by age, by number, by size, or whichever comes first. The newest 10 minutes of a room
/// stay in any case: a client that sends a write again must find that it is there already.
/// </summary>
public sealed record JournalTrimming
{
    /// <summary>How long events are kept; null for ever.</summary>
    public TimeSpan? KeepFor { get; init; }

    /// <summary>How many events of a room are kept; null for all.</summary>
    public int? KeepEvents { get; init; }

    /// <summary>
    /// About how many bytes of lines a room keeps; null for any amount. How large its events are is told from some of them: to count each append would be a part of
    /// every commit.
    /// </summary>
    public long? MaxRoomBytes { get; init; }

    /// <summary>What is spared, whatever the rules say.</summary>
    internal static TimeSpan Spared { get; } = TimeSpan.FromMinutes(10);

    // Far above what a text of the longest that one would set comes to; only so that small rooms are not looked at.
    private const int LongestLine = 16 * 1024 * 1024;

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
        if (MaxRoomBytes is { } bytes)
            ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1, nameof(MaxRoomBytes));
    }

    /// <summary>What the rules come to at a time, but for <see cref="MaxRoomBytes"/>.</summary>
    internal TrimBounds At(DateTimeOffset now) => new(
        (now - Spared).ToUnixTimeMilliseconds(),
        KeepFor is { } age && age < now - DateTimeOffset.UnixEpoch ? (now - age).ToUnixTimeMilliseconds() : long.MinValue,
        KeepEvents ?? long.MaxValue);

    /// <summary>What the rules come to for one room.</summary>
    /// <param name="bounds">What they come to for all.</param>
    /// <param name="lineBytes">The bytes of some of its lines; none where its size does not matter.</param>
    internal TrimBounds For(TrimBounds bounds, IReadOnlyCollection<int> lineBytes)
    {
        if (MaxRoomBytes is not { } bytes || lineBytes.Count == 0)
            return bounds;
        var average = Math.Max(1, lineBytes.Sum(b => (double)b) / lineBytes.Count);
        return bounds with { Kept = Math.Min(bounds.Kept, Math.Max(1, (long)(bytes / average))) };
    }

    /// <summary>Whether a room's size has to be looked at.</summary>
    internal bool MayBeTooLarge(TrimmedRoom room, TrimBounds bounds) => MaxRoomBytes is { } bytes && room.OldestTs < bounds.Spared && room.Count > bytes / LongestLine;
}
