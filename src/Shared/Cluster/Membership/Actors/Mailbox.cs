using System.Diagnostics.CodeAnalysis;

namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>
/// An actor's messages in their order. Any thread adds, the actor's turn takes. A ring that grows as needed and is given up
/// when a burst is over: most of a node's actors are clients that say nothing, and a concurrent queue for each takes a
/// kilobyte.
/// </summary>
internal sealed class Mailbox
{
    // What an actor in use needs, and an idle one may keep.
    private const int Kept = 32;

    private readonly Lock _gate = new();

    // Guarded by the gate; its length is a power of two. The count is also read without it, see ActorCell.
    private object?[] _ring = [];
    private int _first;
    private int _count;

    /// <summary>Any thread. Up to date for whoever has passed a full fence after the other side's.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Any thread.</summary>
    public void Add(object item)
    {
        lock (_gate)
        {
            if (_count == _ring.Length)
            {
                Grow();
            }

            _ring[(_first + _count) & (_ring.Length - 1)] = item;
            Volatile.Write(ref _count, _count + 1);
        }
    }

    /// <summary>Takes the oldest.</summary>
    public bool TryTake([NotNullWhen(true)] out object? item)
    {
        if (IsEmpty)
        {
            item = null;
            return false;
        }

        lock (_gate)
        {
            item = _ring[_first]!;
            _ring[_first] = null;
            _first = (_first + 1) & (_ring.Length - 1);
            Volatile.Write(ref _count, _count - 1);
            if (_count == 0 && _ring.Length > Kept)
            {
                _ring = [];
                _first = 0;
            }

            return true;
        }
    }

    private void Grow()
    {
        var ring = new object?[Math.Max(4, 2 * _ring.Length)];
        for (var i = 0; i < _count; i++)
        {
            ring[i] = _ring[(_first + i) & (_ring.Length - 1)];
        }

        _ring = ring;
        _first = 0;
    }
}
