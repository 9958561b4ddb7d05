using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>
/// One start of a node: the real cluster with our formation and downing, a region of rooms, and what the host does around them. It ends
/// by being killed, evicted, or terminated after a drain; then its host starts another.
/// </summary>
internal sealed class ClusterProcess
{
    private const string SystemName = "clusterchat";
    private const int Shards = 12;

    private readonly SimDatabase _database;
    private readonly RoomLedger _ledger;
    private ClusterFormation? _formation;
    private IActorRef? _region;
    private IActorRef? _client;
    private Task<bool>? _joining;

    public ClusterProcess(SimWorld world, SimDatabase database, RoomLedger ledger, string host)
    {
        (_database, _ledger) = (database, ledger);
        Node = new SimNode(world, host);
    }

    public SimNode Node { get; }

    /// <summary>Nothing of it runs any more.</summary>
    public bool IsOver => Node.IsKilled;

    /// <summary>When it began, in the world's time.</summary>
    public TimeSpan StartedAt { get; private set; }

    /// <summary>It drains, or has been asked to.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Why it could not join, if it failed.</summary>
    public Exception? Failure => _joining?.Exception?.InnerException;

    /// <summary>It is up, and the table says so.</summary>
    public bool HasJoined => _joining is { IsCompletedSuccessfully: true, Result: true };

    /// <summary>Starts the system, the region, and the formation.</summary>
    public void Start()
    {
        StartedAt = Node.World.Now;
        var options = new ArbiterOptions();
        var setup = new ArbiterSetup(
            new SimNodeTable(_database, Node), Node.Name, "rooms", new SimNodeProbe(Node, SystemName, options.DialTimeout), OnEvicted, options)
        { Clock = Node.Clock };
        Node.Start(SystemName, AkkaConf.Load(), setup);
        Node.Enter(() =>
        {
            var system = Node.System;
            _client = system.ActorOf(Props.Create(() => new RoomClient(_ledger, Node.Name)), "client");
            _region = ClusterSharding.Get(system).Start(
                "room", room => Props.Create(() => new RoomEntity(_ledger, room, Node)), ClusterShardingSettings.Create(system), new RoomEntity.Extractor(Shards));
            _formation = new ClusterFormation(system);
            CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseClusterShutdown, "leave-table", async () =>
            {
                await _formation.LeaveAsync();
                return Akka.Done.Instance;
            });
            _joining = _formation.JoinAsync(CancellationToken.None);
            _ = system.WhenTerminated.ContinueWith(_ => End("has terminated"), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Current);
        });
    }

    /// <summary>Asks a room something, in the name of this host's client.</summary>
    public void Ask(string room)
    {
        if (_region is not null && !Node.IsPaused)
            Node.Enter(() => _region.Tell(room + " ?", _client));
    }

    /// <summary>SIGTERM.</summary>
    public void Drain()
    {
        IsLeaving = true;
        Node.Enter(() => _ = CoordinatedShutdown.Get(Node.System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance));
    }

    /// <summary>SIGKILL, or the end of the process.</summary>
    public void End(string why)
    {
        if (Node.IsKilled)
            return;
        Node.World.Trace($"{Node.Name} {why}");
        _ledger.Ended(Node);
        Node.Kill();
    }

    /// <summary>The members that it knows, if all are up and reachable; null if not.</summary>
    public IReadOnlyList<string>? Members()
    {
        if (!HasJoined || IsLeaving || IsOver || Node.IsPaused)
            return null;
        List<string>? members = null;
        Node.Enter(() =>
        {
            var state = Akka.Cluster.Cluster.Get(Node.System).State;
            if (state.Unreachable.Count == 0 && state.Members.All(m => m.Status == MemberStatus.Up))
                members = [.. state.Members.Select(Text).Order(StringComparer.Ordinal)];
        });
        return members;
    }

    /// <summary>How far it has come, for a report.</summary>
    public string Describe()
    {
        var text = $"{Node.Name} is {(IsOver ? "over" : Node.IsPaused ? "paused" : IsLeaving ? "leaving" : HasJoined ? "up" : "joining")}";
        if (!IsOver && _formation is not null)
            Node.Enter(() => text += $", sees {string.Join(", ", Akka.Cluster.Cluster.Get(Node.System).State.Members.Select(m => $"{Text(m)} {m.Status}").Order(StringComparer.Ordinal))}");
        return text;
    }

    private static string Text(Akka.Cluster.Member member) =>
        string.Create(CultureInfo.InvariantCulture, $"{new NodeKey($"{member.Address.Host}:{member.Address.Port}", member.UniqueAddress.Uid)}");

    private void OnEvicted(EvictionNotice notice) => End($"is evicted: {notice.Reason}");
}
