using ClusterChat.Cluster;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.TestKit;

/// <summary>
/// Connections between simulated processes, as TCP makes them: refused by processes that are gone, open to processes
/// that are paused and full after a while, silent where the network is cut, and going on after a short cut. Everything on
/// them goes through the production's queues and codec.
/// </summary>
public sealed class SimulatedNetwork(Simulation world)
{
    private readonly Dictionary<string, SimulatedLinks> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string From, string To), int> _cuts = [];
    private readonly List<SimulatedConnection> _connections = [];
    private int _cutNumber;

    /// <summary>One way, at least.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>What comes on top of it at most: usually, and once in fifty times.</summary>
    public (TimeSpan Usual, TimeSpan Rare) Jitter { get; init; }

    /// <summary>How long a dial waits for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection lasts over which nothing comes through.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The bytes that a connection holds before its writer has to wait.</summary>
    public int Window { get; init; } = 64 * 1024;

    /// <summary>The limits of the queues, and the pauses between dials.</summary>
    public LinkOptions Options { get; init; } = new() { FirstBackoff = TimeSpan.FromMilliseconds(10), MaxBackoff = TimeSpan.FromMilliseconds(300) };

    internal Simulation World => world;

    /// <summary>A node that listens from now on, until its process is killed.</summary>
    public SimulatedLinks Listen(ClusterNode self, SimulatedProcess process) => _nodes[self.Name] = new SimulatedLinks(this, self, process);

    /// <summary>Nothing gets through between two nodes, by name, in either direction.</summary>
    public void Cut(string a, string b)
    {
        CutOneWay(a, b);
        CutOneWay(b, a);
    }

    /// <summary>Nothing gets through from one node to another one; the other direction works.</summary>
    public void CutOneWay(string from, string to)
    {
        if (!_cuts.TryAdd((from, to), ++_cutNumber))
            return;
        foreach (var connection in _connections.Where(c => c.Joins(from, to)).ToList())
            Watch(connection, from, to, SilenceLimit);
    }

    /// <summary>Undoes the cuts between two nodes. Connections that still stand go on.</summary>
    public void Heal(string a, string b)
    {
        _cuts.Remove((a, b));
        _cuts.Remove((b, a));
        foreach (var connection in _connections.Where(c => c.Joins(a, b)).ToList())
            connection.GoOn();
    }

    /// <summary>Undoes all cuts.</summary>
    public void HealAll()
    {
        foreach (var (from, to) in _cuts.Keys.ToList())
            Heal(from, to);
    }

    /// <summary>The connections between two nodes break; what is on its way is lost, but for some of the first of it.</summary>
    public void Drop(string a, string b)
    {
        foreach (var connection in _connections.Where(c => c.Joins(a, b)).ToList())
            connection.Break(losing: true);
    }

    /// <summary>Ends a process; the kernel resets its connections.</summary>
    public void Kill(SimulatedLinks node)
    {
        node.Process.Kill();
        Forget(node, losing: true);
    }

    /// <summary>The process has ended by itself: what it has written still arrives.</summary>
    internal void Forget(SimulatedLinks node, bool losing)
    {
        if (_nodes.TryGetValue(node.Self.Name, out var listening) && ReferenceEquals(listening, node))
            _nodes.Remove(node.Self.Name);
        foreach (var connection in _connections.Where(c => c.From == node || c.To == node).ToList())
            connection.Break(losing);
    }

    internal bool IsCut(string from, string to) => _cuts.ContainsKey((from, to));

    internal bool IsCutAnyWay(string a, string b) => IsCut(a, b) || IsCut(b, a);

    /// <summary>Who listens under a name.</summary>
    internal SimulatedLinks? Find(string name) => _nodes.GetValueOrDefault(name);

    internal TimeSpan Delay()
    {
        if (Jitter.Usual <= TimeSpan.Zero)
            return Latency;
        var most = world.Random.Next(50) == 0 ? Jitter.Rare : Jitter.Usual;
        return Latency + (most * world.Random.NextDouble());
    }

    internal void Add(SimulatedConnection connection)
    {
        _connections.Add(connection);
        var (from, to) = (connection.From.Self.Name, connection.To.Self.Name);
        foreach (var (a, b) in new[] { (from, to), (to, from) })
        {
            if (IsCut(a, b))
                Watch(connection, a, b, SilenceLimit);
        }
    }

    internal void Remove(SimulatedConnection connection) => _connections.Remove(connection);

    // Each end finds out by itself, the one that writes first.
    private void Watch(SimulatedConnection connection, string from, string to, TimeSpan limit)
    {
        var cut = _cuts[(from, to)];
        world.After(limit, () =>
        {
            if (_cuts.TryGetValue((from, to), out var now) && now == cut)
                connection.Break(losing: true);
        });
    }
}
