using System.Diagnostics.CodeAnalysis;

namespace ClusterChat.Gateway.Fanout;

/// <summary>
/// A gateway's unanswered writes to one room, in the order in which they came: a go-back-N window. Numbers are
/// given once and never again; a write leaves when it is answered, in whatever order answers come.
/// </summary>
internal sealed class PendingWrites
{
    private readonly Queue<PendingWrite> _queue = [];
    private readonly Dictionary<long, PendingWrite> _byNumber = [];
    private long _last;

    /// <summary>How many are unanswered.</summary>
    public int Count => _byNumber.Count;

    /// <summary>The oldest unanswered one.</summary>
    public PendingWrite? Oldest => _queue.TryPeek(out var oldest) ? oldest : null;

    /// <summary>All unanswered ones, the oldest first.</summary>
    public IEnumerable<PendingWrite> All => _queue.Where(w => !w.Answered);

    /// <summary>Adds a write behind all others.</summary>
    /// <param name="call">The write.</param>
    /// <param name="now">The time of a monotonic clock, in milliseconds.</param>
    public PendingWrite Add(WriteRoom call, long now)
    {
        var write = new PendingWrite(++_last, call, now);
        _queue.Enqueue(write);
        _byNumber.Add(write.Number, write);
        return write;
    }

    public PendingWrite? Find(long number) => _byNumber.GetValueOrDefault(number);

    /// <summary>Takes a write out, because it was answered.</summary>
    /// <returns>False: it had been taken out before.</returns>
    public bool TryTake(long number, [NotNullWhen(true)] out PendingWrite? write)
    {
        if (!_byNumber.Remove(number, out write))
        {
            return false;
        }

        write.Answered = true;
        while (_queue.TryPeek(out var oldest) && oldest.Answered)
        {
            _queue.Dequeue();
        }

        return true;
    }
}

/// <summary>One unanswered write.</summary>
internal sealed class PendingWrite(long number, WriteRoom call, long since)
{
    public long Number => number;

    public WriteRoom Call => call;

    /// <summary>When it came, in milliseconds of a monotonic clock.</summary>
    public long Since => since;

    public bool Answered { get; set; }
}
