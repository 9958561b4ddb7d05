using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// Who is in a room: the sum of what the gateways say. A name belongs to one user at a time; when two gateways
/// bring it for different users at once (while the room changes its owner), the first one is kept, and the
/// other one follows when it leaves. So it is with names that look alike (<see cref="NameKeys"/>): who brought one of
/// them first has all of them, and the others only if two gateways brought them at once.
/// </summary>
internal sealed class RoomPresence
{
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly NameChanges _changes = new();

    /// <summary>The names that are there by each of their keys, in the order in which they came. An array, since nearly always there is one.</summary>
    private readonly Dictionary<string, string[]> _alike = new(StringComparer.Ordinal);

    /// <summary>How many names are in the room.</summary>
    public int Count => _entries.Count;

    /// <summary>How many were in the room when <see cref="TakeChanges"/> was called last: so many all have been told of.</summary>
    public int ToldCount => Count - _changes.Growth;

    /// <summary>Whether <see cref="TakeChanges"/> would return any.</summary>
    public bool HasChanges => _changes.Any;

    /// <summary>Whether another user has the name, or one that looks like it.</summary>
    public bool IsTaken(Member member)
    {
        var keys = NameKeys.Of(member.Name);
        return IsAnothers(keys.Folded) || (!ReferenceEquals(keys.Folded, keys.Skeleton) && IsAnothers(keys.Skeleton));

        bool IsAnothers(string key) => _alike.TryGetValue(key, out var names) && _entries[names[0]].User != member.User;
    }

    /// <summary>Adds a member that a gateway has.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="member">The member.</param>
    /// <param name="isFirst">Whether it had the name before all who have it, or one that looks like it, by now.</param>
    public void Add(string gateway, Member member, bool isFirst = false)
    {
        var isNew = !_entries.TryGetValue(member.Name, out var entry);
        if (entry is null)
        {
            _entries.Add(member.Name, new Entry(gateway, member));
            _changes.Note(member.Name, joined: true);
        }
        else
        {
            entry.TryAdd(gateway, member, isFirst);
        }

        if (isNew || isFirst)
        {
            foreach (var key in Keys(member.Name))
            {
                var others = _alike.TryGetValue(key, out var names) ? Array.FindAll(names, n => n != member.Name) : [];
                _alike[key] = isFirst ? [member.Name, .. others] : [.. others, member.Name];
            }
        }
    }

    /// <summary>Takes a member out, if it is this user that the gateway has under the name.</summary>
    /// <returns>Whether the user had the name there, and has it at no gateway any more.</returns>
    public bool Remove(string gateway, Member member)
    {
        if (!_entries.TryGetValue(member.Name, out var entry)
            || entry.UserAt(gateway) != member.User)
        {
            return false;
        }

        if (!entry.Remove(gateway))
        {
            _entries.Remove(member.Name);
            foreach (var key in Keys(member.Name))
            {
                if (_alike[key] is [_])
                {
                    _alike.Remove(key);
                }
                else
                {
                    _alike[key] = Array.FindAll(_alike[key], n => n != member.Name);
                }
            }

            _changes.Note(member.Name, joined: false);
            return true;
        }

        return !entry.Has(member.User);
    }

    /// <summary>Sets what one gateway has in the room.</summary>
    /// <returns>Whom it had, and who is there at no gateway any more.</returns>
    public IReadOnlyList<Member> Replace(string gateway, IReadOnlyList<Member> members)
    {
        var kept = members.ToHashSet();
        var had = new List<Member>();
        foreach (var (name, entry) in _entries)
        {
            if (entry.At(gateway, name) is { } member && !kept.Contains(member))
            {
                had.Add(member);
            }
        }

        foreach (var member in had)
        {
            Remove(gateway, member);
        }

        foreach (var member in members)
        {
            Add(gateway, member);
        }

        had.RemoveAll(m => _entries.TryGetValue(m.Name, out var entry) && entry.Has(m.User));
        return had;
    }

    /// <summary>
    /// The names after <paramref name="after"/>, in ordinal order, and whether there are more: those that all have been told of. What has changed since comes
    /// as a change to whoever gets the list, too; so it must not be in it, or it would be told twice, or cancel out and never be taken back.
    /// </summary>
    public (IReadOnlyList<string> Names, bool More) List(string after, int limit)
    {
        var names = new List<string>(Math.Min(limit, Count));
        foreach (var name in HasChanges ? Told() : _entries.Keys)
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
        var changes = _changes.List();
        _changes.Clear();
        return changes;
    }

    /// <summary>What each of these gateways has in the room.</summary>
    public IReadOnlyList<HandedMembers> ByGateway(IEnumerable<string> gateways)
    {
        var members = new SortedDictionary<string, List<Member>>(StringComparer.Ordinal);
        foreach (var gateway in gateways)
        {
            members[gateway] = [];
        }

        foreach (var (name, entry) in _entries)
        {
            foreach (var (gateway, list) in members)
            {
                if (entry.At(gateway, name) is { } member)
                {
                    list.Add(member);
                }
            }
        }

        return [.. members.Select(m => new HandedMembers(m.Key, m.Value))];
    }

    /// <summary>Takes over who is there from an earlier owner, who has told of them.</summary>
    public void Seed(IReadOnlyList<HandedMembers> handed)
    {
        foreach (var gateway in handed)
        {
            Replace(gateway.Gateway, gateway.Members);
        }

        _changes.Clear();
    }

    private IEnumerable<string> Told()
        => _entries.Keys.Where(name => !_changes.HasJoined(name)).Concat(_changes.List().Left).Order(StringComparer.Ordinal);

    private static string[] Keys(string name)
    {
        var keys = NameKeys.Of(name);
        return keys.Folded == keys.Skeleton ? [keys.Folded] : [keys.Folded, keys.Skeleton];
    }

    /// <summary>
    /// Which gateways bring a name, and for which user. The first one's user has it. An array, since nearly always
    /// there is one.
    /// </summary>
    private sealed class Entry(string gateway, Member member)
    {
        private (string Gateway, string User, bool Fleeting)[] _users = [(gateway, member.User, member.Fleeting)];

        /// <summary>Whose name it is.</summary>
        public string User { get; private set; } = member.User;

        /// <summary>For whom the gateway brings the name; null if it does not.</summary>
        public string? UserAt(string gateway) => Array.Find(_users, u => u.Gateway == gateway).User;

        /// <summary>The same as a member, of an entry with this name.</summary>
        public Member? At(string gateway, string name)
            => Array.Find(_users, u => u.Gateway == gateway) is { User: { } user, Fleeting: var fleeting } ? new Member(user, name, fleeting) : null;

        /// <summary>Whether any gateway brings the name for the user.</summary>
        public bool Has(string user) => Array.Exists(_users, u => u.User == user);

        /// <summary>Adds a gateway, unless it has brought the name already.</summary>
        public void TryAdd(string gateway, Member member, bool isFirst)
        {
            var at = Array.FindIndex(_users, u => u.Gateway == gateway);
            if (at < 0)
            {
                _users = [.. _users, (gateway, member.User, member.Fleeting)];
                User = isFirst ? member.User : User;
            }
            else if (_users[at].User == member.User)
            {
                // Whoever can come back by one connection can.
                _users[at].Fleeting &= member.Fleeting;
            }
        }

        /// <summary>Takes a gateway away. False: nobody brings the name any more.</summary>
        public bool Remove(string gateway)
        {
            _users = Array.FindAll(_users, u => u.Gateway != gateway);
            if (_users.Length > 0 && !Array.Exists(_users, u => u.User == User))
            {
                User = _users[0].User;
            }

            return _users.Length > 0;
        }
    }
}
