using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// Who is in a room: the sum of what the gateways say. A name belongs to one user at a time; when two gateways
/// bring it for different users at once (while the room changes its owner), the first one is kept, and the
/// other one follows when it leaves.
/// </summary>
internal sealed class RoomPresence
{
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _changes = new(StringComparer.Ordinal);

    /// <summary>How many names are in the room.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether <see cref="TakeChanges"/> would return any.</summary>
    public bool HasChanges => _changes.Count > 0;

    /// <summary>Whether another user has the name.</summary>
    public bool IsTaken(Member member) => _entries.TryGetValue(member.Name, out var entry) && entry.User != member.User;

    public void Add(string gateway, Member member)
    {
        if (_entries.TryGetValue(member.Name, out var entry))
        {
            entry.UserByGateway.TryAdd(gateway, member.User);
            return;
        }

        entry = new Entry(member.User);
        entry.UserByGateway.Add(gateway, member.User);
        _entries.Add(member.Name, entry);
        Note(member.Name, joined: true);
    }

    /// <summary>Takes a member out, if it is this user that the gateway has under the name.</summary>
    public void Remove(string gateway, Member member)
    {
        if (!_entries.TryGetValue(member.Name, out var entry)
            || !entry.UserByGateway.TryGetValue(gateway, out var user)
            || user != member.User)
        {
            return;
        }

        entry.UserByGateway.Remove(gateway);
        if (entry.UserByGateway.Count == 0)
        {
            _entries.Remove(member.Name);
            Note(member.Name, joined: false);
        }
        else if (!entry.UserByGateway.ContainsValue(entry.User))
        {
            entry.User = entry.UserByGateway.Values.First();
        }
    }

    /// <summary>Sets what one gateway has in the room.</summary>
    public void Replace(string gateway, IReadOnlyList<Member> members)
    {
        var kept = members.ToHashSet();
        var had = new List<Member>();
        foreach (var (name, entry) in _entries)
        {
            if (entry.UserByGateway.TryGetValue(gateway, out var user))
            {
                had.Add(new Member(user, name));
            }
        }

        foreach (var gone in had.Where(m => !kept.Contains(m)))
        {
            Remove(gateway, gone);
        }

        foreach (var member in members)
        {
            Add(gateway, member);
        }
    }

    /// <summary>The names after <paramref name="after"/>, in ordinal order, and whether there are more.</summary>
    public (IReadOnlyList<string> Names, bool More) List(string after, int limit)
    {
        var names = new List<string>(Math.Min(limit, Count));
        foreach (var name in _entries.Keys)
        {
            if (string.CompareOrdinal(name, after) <= 0)
            {
                continue;
            }

            if (names.Count == limit)
            {
                return (names, true);
            }

            names.Add(name);
        }

        return (names, false);
    }

    /// <summary>The names that came and left since the last call; who did both is in neither.</summary>
    public (IReadOnlyList<string> Joined, IReadOnlyList<string> Left) TakeChanges()
    {
        var joined = _changes.Where(c => c.Value).Select(c => c.Key).ToList();
        var left = _changes.Where(c => !c.Value).Select(c => c.Key).ToList();
        _changes.Clear();
        return (joined, left);
    }

    private void Note(string name, bool joined)
    {
        if (!_changes.Remove(name))
        {
            _changes.Add(name, joined);
        }
    }

    private sealed class Entry(string user)
    {
        /// <summary>Whose name it is.</summary>
        public string User { get; set; } = user;

        public Dictionary<string, string> UserByGateway { get; } = new(StringComparer.Ordinal);
    }
}
