namespace ClusterChat.Storage;

/// <summary>A room of which old events may go.</summary>
/// <param name="Id">The store's number of it.</param>
/// <param name="First">The number of its oldest event.</param>
/// <param name="Head">The number of its newest event.</param>
/// <param name="OldestTs">The time of its oldest event; null where it has none.</param>
internal readonly record struct TrimmedRoom(long Id, long First, long Head, long? OldestTs)
{
    /// <summary>How many events are looked at to tell how large they all are: some milliseconds, and right to a few per cent for what people write.</summary>
    private const int Samples = 512;

    /// <summary>How many events it has.</summary>
    public long Count => Head - First + 1;

    /// <summary>The numbers of some of its events, spread over all of them; of few, all.</summary>
    public long[] Sample()
    {
        var count = (int)Math.Min(Count, Samples);
        var sample = new long[count];
        for (var i = 0; i < count; i++)
        {
            // One of each part of the log, and others at each head: who writes every n-th message long is found out.
            var from = (long)((Int128)Count * i / count);
            var width = (long)((Int128)Count * (i + 1) / count) - from;
            var chance = (long)(unchecked((ulong)(Head + i) * 0x9E3779B97F4A7C15UL) >> 33);
            sample[i] = First + from + (chance % width);
        }

        return sample;
    }
}
