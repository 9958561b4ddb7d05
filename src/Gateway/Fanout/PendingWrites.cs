using System.Diagnostics.CodeAnalysis;

namespace ClusterChat.Gateway.Fanout;

/// <summary>
/// A gateway's unanswered writes to one room, in the order in which they came: a go-back-N window. Numbers are
/// given once and never again; a write leaves when it is answered, in whatever order answers come.
/// </summary>
internal sealed class PendingWrites
{
    private readonly LinkedList<PendingWrite> _inOrder = [];
    private readonly Dictionary<long, LinkedListNode<PendingWrite>> _byNumber = [];
    private long _last;

    /// <summary>How many are unanswered.</summary>
    public int Count => _inOrder.Count;

    /// <summary>The oldest unanswered one.</summary>
    public PendingWrite? Oldest => _inOrder.First?.Value;

    /// <summary>All unanswered ones, the oldest first.</summary>
    public IEnumerable<PendingWrite> All => _inOrder;

    /// <summary>Adds a write behind all others.</summary>
    /// <param name="call">The write.</param>
    /// <param name="now">The time of a monotonic clock, in milliseconds.</param>
    public PendingWrite Add(WriteRoom call, long now)
    {
        var write = new PendingWrite(++_last, call, now);
        _byNumber.Add(write.Number, _inOrder.AddLast(write));
        return write;
    }

    public bool Contains(long number) => _byNumber.ContainsKey(number);

    /// <summary>The number of the unanswered write before an unanswered one; 0 where that is the oldest.</summary>
    public long Before(PendingWrite write) => _byNumber[write.Number].Previous?.Value.Number ?? 0;

    /// <summary>Takes a write out, because it was answered.</summary>
    /// <returns>False: it had been taken out before.</returns>
    public bool TryTake(long number, [NotNullWhen(true)] out PendingWrite? write)
    {
        if (!_byNumber.Remove(number, out var node))
        {
            write = null;
            return false;
        }

        write = node.Value;
        _inOrder.Remove(node);
        return true;
    }
}

/// <summary>One unanswered write.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Call">What the client asked for.</param>
/// <param name="Since">When it came, in milliseconds of a monotonic clock.</param>
internal sealed record PendingWrite(long Number, WriteRoom Call, long Since);
