using System.Diagnostics;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <summary>
/// All that the clients of a load did and saw, in one order: what is recorded after something was heard was caused by
/// nothing that is recorded later. The checker of the simulation reads it.
/// </summary>
internal sealed class Recorder
{
    private readonly Lock _gate = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<Fact> _facts = [];
    private readonly List<Publication> _order = [];
    private readonly Dictionary<(string Room, long Seq), string> _lines = [];

    /// <summary>Time since the start.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    /// <summary>How many messages were published.</summary>
    public int Published
    {
        get
        {
            lock (_gate)
                return _order.Count;
        }
    }

    /// <summary>Records something; the time is taken under the lock, so the list is in the order of times.</summary>
    public void Add(Func<TimeSpan, Fact> fact)
    {
        lock (_gate)
            _facts.Add(fact(Now));
    }

    /// <summary>A client's user wants to say something, whether or not there is a connection.</summary>
    public Publication Publish(string client, string room, string mid)
    {
        lock (_gate)
        {
            var publication = new Publication(client, room, mid, Now);
            _order.Add(publication);
            return publication;
        }
    }

    /// <summary>An event as it was seen; equal ones share one string, since a load sees each many times.</summary>
    public Fact.SeenEvent Seen(string room, long seq, string line)
    {
        lock (_gate)
        {
            if (!_lines.TryAdd((room, seq), line) && _lines[(room, seq)] is var first && first == line)
                line = first;
            return new Fact.SeenEvent(seq, line);
        }
    }

    /// <summary>The messages that were published at a moment or later.</summary>
    public IReadOnlyList<Publication> PublishedAfter(TimeSpan since)
    {
        lock (_gate)
        {
            var first = _order.Count;
            while (first > 0 && _order[first - 1].At >= since)
                first--;
            return _order.GetRange(first, _order.Count - first);
        }
    }

    /// <summary>How many of the messages that were published before a moment are not acked.</summary>
    public int Unacked(TimeSpan before)
    {
        lock (_gate)
            return _order.Count(p => p.At < before && p.AckedAt is null);
    }

    /// <summary>What was recorded so far.</summary>
    public (IReadOnlyList<Fact> Facts, IReadOnlyList<Publication> Publications) Snapshot()
    {
        lock (_gate)
            return ([.. _facts], [.. _order]);
    }
}
