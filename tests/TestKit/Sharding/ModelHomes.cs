using ClusterChat.Cluster;

namespace ClusterChat.TestKit;

/// <summary>
/// Where rooms are: the modelled coordinator of sharding, which never dies and is not to be trusted. It moves rooms as Akka does (all regions
/// forget the home, the room stops there, then it gets the next one), and may be worse: words are lost and late, who is to stop
/// is not waited for, a second region is told that a room is its own, a room stops unasked.
/// </summary>
/// <param name="simulation">The world.</param>
/// <param name="table">Who is there.</param>
/// <param name="delays">How long words take.</param>
/// <param name="lost">The share of the words that get lost.</param>
/// <param name="tell">Notes what happened.</param>
internal sealed class ModelHomes(Simulation simulation, ModelTable table, ModelDelays delays, double lost, Action<Fact> tell)
{
    private readonly SortedDictionary<string, Home> _homes = new(StringComparer.Ordinal);
    private readonly List<(ModelNode Node, string Room)> _usurpers = [];
    private readonly HashSet<ModelNode> _leaving = [];
    private bool _isPeace;
    private long _version;

    /// <summary>How long a move waits for the room to stop; Akka's default is a minute.</summary>
    public TimeSpan HandOffTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What is not as it should be; null for nothing.</summary>
    public string? Unsettled
        => _homes.FirstOrDefault(h => h.Value.Moves) is { Key: { } room } ? $"{room} moves"
            : _usurpers.Count > 0 ? $"{_usurpers[0].Room} has two owners" : null;

    /// <summary>A region asks where a room is.</summary>
    public void Ask(ModelNode asker, string room) => Later(() =>
    {
        if (IsLost() || !table.Contains(asker))
        {
            return;
        }

        var home = Of(room);
        if (home.Node is null && !home.Moves)
        {
            Allocate(room, home, null);
        }

        if (home is { Node: { } node, Moves: false })
        {
            Tell(asker, new HomeIs(room, ++_version, node));
        }
        else if (!home.Asked.Contains(asker))
        {
            home.Asked.Add(asker);
        }
    });

    /// <summary>Whether a room is to be here.</summary>
    public bool IsHome(ModelNode node, string room) => _homes.TryGetValue(room, out var home) && home.Node == node;

    /// <summary>A room has stopped here.</summary>
    public void OnStopped(ModelNode node, string room)
    {
        EndUsurper(node, room);
        if (_homes.TryGetValue(room, out var home) && home.Moves && home.Node == node && home.IsHandedOff)
        {
            var version = home.LastMove;
            Later(() => Finish(room, version));
        }
    }

    /// <summary>A node gives up all of its rooms.</summary>
    public void Leave(ModelNode node)
    {
        _leaving.Add(node);
        foreach (var (room, home) in _homes)
        {
            if (home.Node == node)
            {
                Move(room);
            }
        }
    }

    /// <summary>Nodes were removed.</summary>
    public void OnRemoved(IReadOnlyList<ModelNode> nodes)
    {
        foreach (var node in nodes)
        {
            foreach (var usurper in _usurpers.Where(u => u.Node == node).ToList())
            {
                EndUsurper(node, usurper.Room);
            }

            foreach (var (room, home) in _homes.Where(h => h.Value.Node == node))
            {
                (home.Node, home.Moves) = (null, false);
                tell(new Fact.OwnerChanged(simulation.Clock.Elapsed, room, null));
                AllocateForAsked(room, home);
            }
        }
    }

    /// <summary>Moves a room, if it is anywhere and stands still.</summary>
    public void Move(string room)
    {
        if (!_homes.TryGetValue(room, out var home) || home.Node is not { } owner || home.Moves)
        {
            return;
        }

        var version = ++_version;
        (home.Moves, home.IsHandedOff, home.LastMove) = (true, false, version);
        simulation.Trace($"{room} is to leave {owner.Self.Id}");
        foreach (var node in table.Members.Where(n => n != owner && !IsLost()))
        {
            Tell(node, new HomeGone(room, version));
        }

        Later(() =>
        {
            if (home.Moves && home.LastMove == version)
            {
                home.IsHandedOff = true;
                Tell(owner, new HandOff(room, version));
                simulation.After(HandOffTimeout, () => OnHandOffLate(room, version));
            }
        });
    }

    /// <summary>Rooms move to a new node.</summary>
    public void Rebalance()
    {
        foreach (var room in _homes.Keys)
        {
            if (simulation.Random.Next(3) == 0)
            {
                Move(room);
            }
        }
    }

    /// <summary>Something happens that Akka would not do, or hardly ever.</summary>
    /// <param name="rooms">The rooms that there are.</param>
    public void Misbehave(IReadOnlyList<string> rooms)
    {
        var room = rooms[simulation.Random.Next(rooms.Count)];
        switch (simulation.Random.Next(3))
        {
            case 0:
                Move(room);
                break;
            case 1 when _homes.TryGetValue(room, out var home) && home.Node is { } owner:
                simulation.Trace($"{room} stops at {owner.Self.Id} without being asked");
                tell(new Fact.OwnerChanged(simulation.Clock.Elapsed, room, owner.Self.Id));
                Tell(owner, new StopSuddenly(room));
                break;
            case 2:
                Usurp(room);
                break;
        }
    }

    /// <summary>From now on all words come through, and each room has one owner.</summary>
    public void MakePeace()
    {
        _isPeace = true;
        foreach (var (node, room) in _usurpers.ToList())
        {
            Depose(node, room);
        }
    }

    private bool IsLost() => !_isPeace && simulation.Random.NextDouble() < lost;

    private Home Of(string room)
    {
        if (!_homes.TryGetValue(room, out var home))
        {
            _homes.Add(room, home = new Home());
        }

        return home;
    }

    private void OnHandOffLate(string room, long version)
    {
        if (_homes[room] is { Moves: true, Node: { } owner } home && home.LastMove == version)
        {
            // The next one may begin before this one has ended.
            Add(owner, room);
            Finish(room, version);
            if (IsHome(owner, room))
            {
                // There is no other node: its region has one actor for a room.
                EndUsurper(owner, room);
            }
        }
    }

    private void Finish(string room, long version)
    {
        var home = _homes[room];
        if (home.Moves && home.LastMove == version)
        {
            var before = home.Node;
            (home.Node, home.Moves) = (null, false);
            Allocate(room, home, before);
            AllocateForAsked(room, home);
        }
    }

    private void AllocateForAsked(string room, Home home)
    {
        if (home.Asked.Count == 0)
        {
            return;
        }

        if (home.Node is null)
        {
            Allocate(room, home, null);
        }

        if (home.Node is { } node)
        {
            foreach (var asker in home.Asked)
            {
                Tell(asker, new HomeIs(room, ++_version, node));
            }

            home.Asked.Clear();
        }
    }

    private void Allocate(string room, Home home, ModelNode? before)
    {
        var candidates = Candidates();
        if (candidates.Count > 1 && before is not null)
        {
            candidates.Remove(before);
        }

        if (candidates.Count == 0)
        {
            return;
        }

        home.Node = candidates[simulation.Random.Next(candidates.Count)];
        simulation.Trace($"{room} belongs to {home.Node.Self.Id}");
        tell(new Fact.OwnerChanged(simulation.Clock.Elapsed, room, home.Node.Self.Id));
        Tell(home.Node, new HomeIs(room, ++_version, home.Node));
    }

    private List<ModelNode> Candidates()
        => [.. table.Members.Where(n => n.Self.Roles.HasFlag(NodeRoles.Rooms) && !_leaving.Contains(n))];

    private void Usurp(string room)
    {
        var candidates = Candidates();
        candidates.Remove(Of(room).Node!);
        if (candidates.Count == 0)
        {
            return;
        }

        var usurper = candidates[simulation.Random.Next(candidates.Count)];
        simulation.Trace($"{usurper.Self.Id} takes {room} for its own");
        Add(usurper, room);
        Tell(usurper, new HomeIs(room, ++_version, usurper));
        foreach (var other in table.Members)
        {
            if (other != Of(room).Node && simulation.Random.Next(2) == 0)
            {
                Tell(other, new HomeIs(room, _version, usurper));
            }
        }

        simulation.After(TimeSpan.FromSeconds(6 * simulation.Random.NextDouble()), () => Depose(usurper, room));
    }

    private void Depose(ModelNode node, string room)
    {
        if (!_usurpers.Contains((node, room)))
        {
            return;
        }

        var version = ++_version;
        foreach (var other in table.Members.Where(n => n != node && n != Of(room).Node))
        {
            Tell(other, new HomeGone(room, version));
        }

        if (IsHome(node, room))
        {
            // It has become the owner meanwhile.
            EndUsurper(node, room);
        }
        else
        {
            Tell(node, new HandOff(room, version));
        }
    }

    private void Add(ModelNode node, string room)
    {
        if (!_usurpers.Contains((node, room)))
        {
            _usurpers.Add((node, room));
            tell(new Fact.SecondOwner(simulation.Clock.Elapsed, room, node.Self.Id, IsOver: false));
        }
    }

    private void EndUsurper(ModelNode node, string room)
    {
        if (_usurpers.Remove((node, room)))
        {
            tell(new Fact.SecondOwner(simulation.Clock.Elapsed, room, node.Self.Id, IsOver: true));
        }
    }

    private void Later(Action action) => simulation.After(delays.Word(), action);

    private void Tell(ModelNode node, object message) => simulation.After(delays.Word(), () =>
    {
        if (!node.Process.IsKilled)
        {
            node.Region.Tell(message, Akka.Actor.ActorRefs.NoSender);
        }
    });

    private sealed class Home
    {
        public ModelNode? Node { get; set; }

        /// <summary>Tells a move from later ones.</summary>
        public long LastMove { get; set; }

        public bool Moves { get; set; }

        /// <summary>Whether it was told to stop.</summary>
        public bool IsHandedOff { get; set; }

        /// <summary>Who is to hear where it is next.</summary>
        public List<ModelNode> Asked { get; } = [];
    }
}
