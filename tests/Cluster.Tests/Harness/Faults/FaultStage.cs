using ClusterChat.Cluster.Tests.Harness.Load;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>Where faults happen: a cluster, the load on it, and what has happened so far.</summary>
internal sealed class FaultStage(Fleet fleet, ChatLoad load, int seed)
{
    /// <summary>How long messages count after all goes on again: clients that came back late have theirs by then.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(1);

    private readonly List<Incident> _incidents = [];

    public Fleet Fleet => fleet;

    public ChatLoad Load => load;

    public Random Random { get; } = new(seed);

    public IReadOnlyList<Incident> Incidents => _incidents;

    public TimeSpan Now => load.Recorder.Now;

    /// <summary>A node to do harm to.</summary>
    public FleetNode Pick(Func<FleetNode, bool> condition)
    {
        var nodes = fleet.Running.Where(condition).ToList();
        return nodes[Random.Next(nodes.Count)];
    }

    /// <summary>A node that does only this, if there is one; else one that does this too.</summary>
    public FleetNode PickRole(NodeRoles roles)
        => Pick(fleet.Running.Any(n => n.Roles == roles) ? n => n.Roles == roles : n => n.Roles.HasFlag(roles));

    public HashSet<string> RoomsOf(params IEnumerable<FleetNode> owners)
    {
        var names = owners.Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        return [.. load.Rooms.Where(r => names.Contains(fleet.OwnerOf(r)!))];
    }

    public HashSet<string> ClientsOf(params IEnumerable<FleetNode> gateways)
    {
        var addresses = gateways.Select(n => n.Address).ToHashSet();
        return [.. load.Clients.Where(c => c.Gateway is { } g && addresses.Contains(g)).Select(c => c.Name)];
    }

    /// <summary>
    /// Notes a fault that began at a moment, waits until writes flow again that were published after it, and until all
    /// clients are where they want to be.
    /// </summary>
    public async Task FlowsAgainAsync(string kind, TimeSpan start, IReadOnlySet<string> rooms, IReadOnlySet<string> clients, bool others = false, bool graceful = false)
    {
        if (!others)
            await load.FlowsAsync(start, rooms);
        await load.AllLiveAsync();
        _incidents.Add(new Incident(kind, start, Now + Aftermath, rooms, clients) { Others = others, Graceful = graceful });
        await Task.Delay(Aftermath, TimeProvider.System);
    }

    /// <summary>Brings about a change of who owns what, and notes what it did to the rooms that moved.</summary>
    public async Task MovesAsync(string kind, Func<Task> change)
    {
        var (before, start) = (fleet.Map(), Now);
        await change();
        var after = fleet.Map();
        var moved = load.Rooms.Where(r => before.OwnerOf(r) != after.OwnerOf(r)).ToHashSet(StringComparer.Ordinal);
        await FlowsAgainAsync(kind, start, moved, new HashSet<string>(StringComparer.Ordinal), graceful: true);
    }

    /// <summary>All nodes are there again, clients are everywhere, and nothing that a fault held up is left for the next one.</summary>
    public async Task CalmAsync()
    {
        await fleet.ReviveAsync();
        await load.CatchUpAsync();
        await load.BalanceAsync(fleet.Gateways);
    }
}
