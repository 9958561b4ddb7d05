using System.Diagnostics.CodeAnalysis;

namespace ClusterChat.Actors;

/// <summary>
/// A bounded queue of what several parties want of one thing: each party is served in its turn, whatever the others have queued. Where the queue is full,
/// who has most in it gives way. Not thread-safe; its order depends on the calls alone.
/// </summary>
/// <param name="capacity">So many items wait at most.</param>
public sealed class FairQueue<T>(int capacity)
    where T : class
{
    private readonly Dictionary<string, Party> _parties = new(StringComparer.Ordinal);

    // Those with something in the queue, the next one first.
    private readonly LinkedList<Party> _turns = [];

    /// <summary>How many items wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an item.</summary>
    /// <param name="key">Whose it is.</param>
    /// <param name="item">The item.</param>
    /// <returns>
    /// What has no place any more: null if all has; else the item itself, or the newest one of another party that has more in the queue than this one would.
    /// </returns>
    public T? Add(string key, T item)
    {
        var party = _parties.GetValueOrDefault(key);
        T? refused = null;
        if (Count >= capacity)
        {
            var longest = Longest();
            if (longest is null || longest.Items.Count <= (party?.Items.Count ?? 0) + 1)
            {
                return item;
            }

            refused = longest.Items.Last!.Value;
            longest.Items.RemoveLast();
            Count--;
            RemoveIfEmpty(longest);
        }

        if (party is null)
        {
            _parties.Add(key, party = new Party(key));
            _turns.AddLast(party);
        }

        party.Items.AddLast(item);
        Count++;
        return refused;
    }

    /// <summary>Takes the oldest item of the party whose turn it is.</summary>
    public bool TryTake([NotNullWhen(true)] out T? item)
    {
        if (_turns.First is not { Value: var party } turn)
        {
            item = null;
            return false;
        }

        item = party.Items.First!.Value;
        party.Items.RemoveFirst();
        Count--;
        _turns.Remove(turn);
        if (party.Items.Count > 0)
        {
            _turns.AddLast(turn);
        }
        else
        {
            _parties.Remove(party.Key);
        }

        return true;
    }

    /// <summary>Takes out all items that something is true of, in the order of turns.</summary>
    public IReadOnlyList<T> RemoveAll(Predicate<T> match)
    {
        var removed = new List<T>();
        foreach (var party in _turns.ToList())
        {
            for (var node = party.Items.First; node is not null;)
            {
                var next = node.Next;
                if (match(node.Value))
                {
                    removed.Add(node.Value);
                    party.Items.Remove(node);
                    Count--;
                }

                node = next;
            }

            RemoveIfEmpty(party);
        }

        return removed;
    }

    private void RemoveIfEmpty(Party party)
    {
        if (party.Items.Count == 0)
        {
            _turns.Remove(party);
            _parties.Remove(party.Key);
        }
    }

    private Party? Longest()
    {
        Party? longest = null;
        foreach (var party in _turns)
        {
            if (party.Items.Count > (longest?.Items.Count ?? 0))
            {
                longest = party;
            }
        }

        return longest;
    }

    private sealed class Party(string key)
    {
        public string Key => key;

        public LinkedList<T> Items { get; } = [];
    }
}
