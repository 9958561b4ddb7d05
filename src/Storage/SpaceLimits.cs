namespace ClusterChat.Storage;

/// <summary>When a store is full; 0 or null lifts a limit.</summary>
public sealed record SpaceLimits
{
    /// <summary>Bytes that have to stay free on the disk.</summary>
    public long MinFree { get; init; }

    /// <summary>Bytes that the database may have.</summary>
    public long? MaxSize { get; init; }

    /// <summary>
    /// How often it is looked at. 2 s: a disk that takes 100 MB a second is not filled in that time where 256 MB have to stay free.
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether there is anything to look at.</summary>
    public bool Any => MinFree > 0 || MaxSize is not null;

    /// <summary>Whether a store is full.</summary>
    /// <param name="reading">What was measured. What is not known is within its limit.</param>
    /// <param name="wasFull">Whether it was before: to have space again takes a quarter more of what has to be free, and a twentieth less of what there may be.</param>
    public bool IsFull(SpaceReading reading, bool wasFull)
    {
        var minFree = wasFull ? MinFree + (MinFree / 4) : MinFree;
        var maxSize = wasFull ? MaxSize - (MaxSize / 20) : MaxSize;
        return (MinFree > 0 && reading.Free < minFree) || reading.Size > maxSize;
    }
}
