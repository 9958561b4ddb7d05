using System.Collections.Concurrent;

namespace ClusterChat.Gateway.Limits;

/// <summary>
/// The bytes of one kind that a node holds for all of its clients. Where they come to more than it may hold, those clients go for which it holds
/// most: thousands that hold a little are not hurt by one that holds a lot, and where all hold the same, some go and the node stays.
/// Thread-safe.
/// </summary>
/// <remarks>
/// Only who holds something is known here: callers count what has to wait, not each byte that passes. Calls for one holder must not overlap; they may
/// be made with a lock of its own held.
/// </remarks>
/// <param name="most">So many bytes may be held; 0 lifts the limit.</param>
internal sealed class ByteBudget(long most)
{
    private readonly ConcurrentDictionary<IByteHolder, byte> _holders = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _gate = new();
    private long _held;
    private long _givenUp;
    private volatile bool _isAsked;

    /// <summary>How many are held.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>How many clients went for it.</summary>
    public long GivenUp => Interlocked.Read(ref _givenUp);

    /// <summary>What may be held; 0 for any amount.</summary>
    public long Most => most;

    /// <summary>More is held for a client; its <see cref="IByteHolder.HeldBytes"/> says so already.</summary>
    /// <param name="holder">For whom.</param>
    /// <param name="bytes">How many more.</param>
    public void Add(IByteHolder holder, long bytes)
    {
        _holders.TryAdd(holder, 0);
        if (Interlocked.Add(ref _held, bytes) > most && most > 0)
        {
            Free();
        }
    }

    /// <summary>Less is held for a client.</summary>
    /// <param name="holder">For whom.</param>
    /// <param name="bytes">How many less.</param>
    public void Remove(IByteHolder holder, long bytes)
    {
        if (holder.HeldBytes == 0)
        {
            _holders.TryRemove(holder, out _);
        }

        Interlocked.Add(ref _held, -bytes);
    }

    /// <summary>Frees what is to be free. One at a time: who comes meanwhile leaves word, and the one who is at it looks again.</summary>
    private void Free()
    {
        _isAsked = true;
        while (_isAsked && _gate.TryEnter())
        {
            try
            {
                _isAsked = false;
                LetLargestGo();
            }
            finally
            {
                _gate.Exit();
            }

            // The gate is open before it is looked whether somebody found it closed.
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>
    /// The largest go, until a quarter would be free: with less, each further byte would look through all of them again. Who was told to go and
    /// still holds its bytes is not told again, but its bytes count as free.
    /// </summary>
    private void LetLargestGo()
    {
        var held = Held;
        if (held <= most)
        {
            return;
        }

        var excess = held - (most - (most / 4));
        foreach (var (holder, bytes) in _holders.Keys.Select(h => (Holder: h, Bytes: h.HeldBytes)).OrderByDescending(h => h.Bytes).ToList())
        {
            if (excess <= 0)
            {
                break;
            }

            excess -= bytes;
            if (_holders.TryUpdate(holder, 1, 0))
            {
                Interlocked.Increment(ref _givenUp);
                holder.GiveUp();
            }
        }
    }
}
