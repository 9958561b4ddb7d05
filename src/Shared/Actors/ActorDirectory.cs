using System.Collections.Concurrent;

namespace ClusterChat.Actors;

/// <summary>
/// Actors by name: each is started with the first message for it, and forgotten once it has closed its gate; the next message
/// then starts a fresh one.
/// </summary>
/// <remarks>
/// A message is never told to an actor that has closed: <see cref="ActorEntry.TryTell"/> says so
/// atomically, and the message goes to a fresh one. The old one may still be in its last turn then, so the
/// two must be able to live side by side for a moment.
/// </remarks>
/// <param name="start">Starts the actor of a name, to which a message is to be told. Called once for each start.</param>
/// <param name="capacity">How many messages may wait for one actor.</param>
public sealed class ActorDirectory<TEntry>(Func<string, object, TEntry> start, int capacity)
    where TEntry : ActorEntry
{
    private readonly ConcurrentDictionary<string, Lazy<TEntry>> _entries = new(StringComparer.Ordinal);
    private readonly Func<string, object, Lazy<TEntry>> _create = (name, message) => new Lazy<TEntry>(() => start(name, message));

    /// <summary>The actors that are there, those that have just closed included.</summary>
    public IEnumerable<TEntry> All
    {
        get
        {
            foreach (var (_, entry) in _entries)
            {
                if (entry.IsValueCreated)
                {
                    yield return entry.Value;
                }
            }
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => _entries.Count;

    /// <summary>The actor of a name, if there is one.</summary>
    public TEntry? Find(string name) => _entries.TryGetValue(name, out var entry) && entry.IsValueCreated ? entry.Value : null;

    /// <summary>Tells the actor of a name, which is started if need be.</summary>
    /// <returns>False: too much waits for it.</returns>
    public bool Tell(string name, object message)
    {
        while (true)
        {
            var entry = _entries.GetOrAdd(name, _create, message);
            if (entry.Value.TryTell(message, capacity))
            {
                return true;
            }

            if (!entry.Value.IsClosed)
            {
                return false;
            }

            _entries.TryRemove(KeyValuePair.Create(name, entry));
        }
    }

    /// <summary>Forgets actors that have closed. Called from time to time, for names that nobody asks for any more.</summary>
    public void Prune()
    {
        foreach (var pair in _entries)
        {
            if (pair.Value.IsValueCreated && pair.Value.Value.IsClosed)
            {
                _entries.TryRemove(pair);
            }
        }
    }
}
