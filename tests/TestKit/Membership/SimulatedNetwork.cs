using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;

namespace ClusterChat.TestKit;

/// <summary>
/// Connections between simulated processes, as membership sees them: dialled, refused by processes that are gone, open
/// to processes that are paused, silent where the network is cut.
/// </summary>
public sealed class SimulatedNetwork(Simulation world)
{
    private readonly Dictionary<string, SimulatedLinks> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<(string, string)> _cuts = [];

    /// <summary>One way. The same for all, so that connections keep their order.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a dial waits for an answer, and how long a silent connection lasts.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How soon a peer that is not connected is dialled again.</summary>
    public TimeSpan RedialInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    internal Simulation World => world;

    /// <summary>A node that listens from now on, until its process is killed.</summary>
    public SimulatedLinks Listen(ClusterNode self, SimulatedProcess process) => _nodes[self.Id] = new SimulatedLinks(this, self, process);

    /// <summary>Nothing gets through between two nodes, by name, in either direction.</summary>
    public void Cut(string a, string b)
    {
        if (!_cuts.Add(Pair(a, b)))
            return;
        foreach (var links in _nodes.Values.Where(l => l.Self.Name == a || l.Self.Name == b))
            links.LoseAfter(Timeout, peer => IsCut(links.Self.Name, peer.Name));
    }

    /// <summary>Undoes <see cref="Cut"/>.</summary>
    public void Heal(string a, string b) => _cuts.Remove(Pair(a, b));

    /// <summary>Undoes all cuts.</summary>
    public void HealAll() => _cuts.Clear();

    /// <summary>Ends a process; the kernel resets its connections.</summary>
    public void Kill(SimulatedLinks node)
    {
        node.Process.Kill();
        foreach (var links in _nodes.Values)
            links.LoseAfter(Latency, peer => peer.Id == node.Self.Id && !IsCut(links.Self.Name, peer.Name));
    }

    internal bool IsCut(string a, string b) => _cuts.Contains(Pair(a, b));

    internal SimulatedLinks? Find(string id) => _nodes.TryGetValue(id, out var node) && !node.Process.IsKilled ? node : null;

    private static (string, string) Pair(string a, string b) => string.CompareOrdinal(a, b) < 0 ? (a, b) : (b, a);
}
