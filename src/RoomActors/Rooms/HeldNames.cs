using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// The names of those whose line broke: held for them, and refused to others, until they come back or their time is over. They are of all rooms of the
/// node, and not a room's own, so that they outlast its rest, and that what all of them take together has a limit. Any thread.
/// </summary>
/// <remarks>
/// Where there are too many, the oldest of the user, of the room or of the node goes: who would push somebody's name out has to do so while that one
/// is away, with a line of its own for each name.
/// </remarks>
internal sealed class HeldNames(RoomOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RoomNames> _rooms = new(StringComparer.Ordinal);

    // In the order in which they came. What another node has handed over has less time left than its place says, and is passed over until then.
    private readonly LinkedList<Hold> _all = [];
    private long _pushedOut;

    /// <summary>About how many names are held.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                Prune(Now);
                return _all.Count;
            }
        }
    }

    /// <summary>How many went before their time, since there were too many.</summary>
    public long PushedOut => Volatile.Read(ref _pushedOut);

    private long Now => (long)clock.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Holds a name for its user, from now on for the whole time.</summary>
    public void Add(string room, Member member)
    {
        lock (_gate)
        {
            Add(room, member.User, member.Name, (long)options.NameHeldFor.TotalMilliseconds);
        }
    }

    /// <summary>Holds what an earlier owner of the room has handed over.</summary>
    public void Add(string room, IReadOnlyList<HeldName> names)
    {
        lock (_gate)
        {
            foreach (var held in names)
            {
                Add(room, held.User, held.Name, Math.Min(held.LeftMs, (long)options.NameHeldFor.TotalMilliseconds));
            }
        }
    }

    /// <summary>For whom a name is held, or one that looks like it: for the member itself, if for several. Null: for nobody.</summary>
    public NameHold? Find(string room, Member member)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room, out var names))
            {
                return null;
            }

            var now = Now;
            var (folded, skeleton) = NameKeys.Of(member.Name);
            var (one, other) = (names.Find(folded, now), names.Find(skeleton, now));
            var found = other?.User == member.User ? other : one ?? other;
            return found is null ? null : new NameHold(found.User, TimeSpan.FromMilliseconds(found.Until - now));
        }
    }

    /// <summary>A member is in the room again: what is held for it of the name and of those that look like it is over.</summary>
    public void Remove(string room, Member member)
    {
        lock (_gate)
        {
            if (_rooms.TryGetValue(room, out var names))
            {
                Remove(names, member.User, NameKeys.Of(member.Name));
            }
        }
    }

    /// <summary>Whether any name of a room is held.</summary>
    public bool Any(string room)
    {
        lock (_gate)
        {
            return _rooms.ContainsKey(room);
        }
    }

    /// <summary>Takes what is held in a room, the oldest first, and forgets it: another node is to hold it.</summary>
    public IReadOnlyList<HeldName> Take(string room)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room, out var names))
            {
                return [];
            }

            var now = Now;
            var taken = names.InOrder.Where(h => h.Until > now).Select(h => new HeldName(h.User, h.Name, h.Until - now)).ToList();
            foreach (var hold in names.InOrder.ToList())
            {
                Remove(names, hold);
            }

            return taken;
        }
    }

    private void Add(string room, string user, string name, long forMs)
    {
        var now = Now;
        Prune(now);
        if (forMs <= 0 || options.NamesHeldPerRoom == 0)
        {
            return;
        }

        var keys = NameKeys.Of(name);
        if (_rooms.TryGetValue(room, out var names))
        {
            Remove(names, user, keys);
            if (names.Find(keys.Folded, now) is not null || names.Find(keys.Skeleton, now) is not null)
            {
                // Two had it at once. The first one's it is.
                return;
            }
        }

        // By what is taken out below the room may be forgotten.
        if (names?.CountOf(user) >= options.NamesHeldPerUser)
        {
            PushOut(names, names.InOrder.First(h => h.User == user));
        }

        if (names?.InOrder.Count >= options.NamesHeldPerRoom)
        {
            PushOut(names, names.InOrder.First!.Value);
        }

        if (_all.Count >= options.NamesHeldPerNode)
        {
            var oldest = _all.First!.Value;
            PushOut(_rooms[oldest.Room], oldest);
        }

        if (!_rooms.TryGetValue(room, out names))
        {
            _rooms.Add(room, names = new RoomNames());
        }

        var hold = new Hold(room, user, name, keys, now + forMs);
        _all.AddLast(hold.InAll);
        names.Add(hold);
    }

    private void Remove(RoomNames names, string user, NameKeys keys)
    {
        foreach (var key in (string[])[keys.Folded, keys.Skeleton])
        {
            if (names.ByKey.TryGetValue(key, out var hold) && hold.User == user)
            {
                Remove(names, hold);
            }
        }
    }

    private void PushOut(RoomNames names, Hold hold)
    {
        Remove(names, hold);
        _pushedOut++;
    }

    private void Remove(RoomNames names, Hold hold)
    {
        _all.Remove(hold.InAll);
        names.Remove(hold);
        if (names.InOrder.Count == 0)
        {
            _rooms.Remove(hold.Room);
        }
    }

    private void Prune(long now)
    {
        while (_all.First is { Value: var oldest } && oldest.Until <= now)
        {
            Remove(_rooms[oldest.Room], oldest);
        }
    }

    private sealed class Hold
    {
        public Hold(string room, string user, string name, NameKeys keys, long until)
        {
            (Room, User, Name, Keys, Until) = (room, user, name, keys, until);
            (InAll, InRoom) = (new LinkedListNode<Hold>(this), new LinkedListNode<Hold>(this));
        }

        public string Room { get; }

        public string User { get; }

        public string Name { get; }

        public NameKeys Keys { get; }

        /// <summary>Milliseconds of the clock.</summary>
        public long Until { get; }

        public LinkedListNode<Hold> InAll { get; }

        public LinkedListNode<Hold> InRoom { get; }
    }

    /// <summary>What is held in one room.</summary>
    private sealed class RoomNames
    {
        private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

        public Dictionary<string, Hold> ByKey { get; } = new(StringComparer.Ordinal);

        public LinkedList<Hold> InOrder { get; } = [];

        public int CountOf(string user) => _counts.GetValueOrDefault(user);

        public Hold? Find(string key, long now) => ByKey.TryGetValue(key, out var hold) && hold.Until > now ? hold : null;

        /// <summary>Where its keys are those of others, these are over.</summary>
        public void Add(Hold hold)
        {
            ByKey[hold.Keys.Folded] = ByKey[hold.Keys.Skeleton] = hold;
            InOrder.AddLast(hold.InRoom);
            _counts[hold.User] = CountOf(hold.User) + 1;
        }

        public void Remove(Hold hold)
        {
            foreach (var key in (string[])[hold.Keys.Folded, hold.Keys.Skeleton])
            {
                if (ByKey.GetValueOrDefault(key) == hold)
                {
                    ByKey.Remove(key);
                }
            }

            InOrder.Remove(hold.InRoom);
            if (CountOf(hold.User) is > 1 and var count)
            {
                _counts[hold.User] = count - 1;
            }
            else
            {
                _counts.Remove(hold.User);
            }
        }
    }
}

/// <summary>A name is held.</summary>
/// <param name="User">For whom.</param>
/// <param name="Left">How much longer.</param>
internal readonly record struct NameHold(string User, TimeSpan Left);
