using ClusterChat.Cluster.Arbiter;
using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>
/// Five nodes, rooms that all of them talk to, and a time of troubles (see <see cref="Troubles"/>) in which who ends is started again. Then
/// peace, after which there must be one cluster of all nodes, as the table has it, and each room must be open once and answer everybody.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="UnrestKind.Gentle"/>: the next trouble comes when the one cluster is whole again. <see cref="UnrestKind.Wild"/>: at any time, so that most nodes
/// may be gone within a second. Then the shard coordinator's replicated state may be lost, and nothing in Akka.Cluster.Sharding tells a region
/// that a new coordinator has given one of its shards to another: a room stays open twice, also in peace. Also a node may be let in by one that
/// nobody hears of any more, and wait for ever. In a wild world both are counted and no fault; what must hold there as well is that one cluster forms and each room answers everybody.
/// </para>
/// <para>
/// What is said to clients (acks, order, exactly once) is not looked at here. A room that is open twice in the unrest is counted and no fault: sharding
/// alone is not exclusive, the journal is.
/// </para>
/// </remarks>
internal sealed class UnrestWorld
{
    private const int RoomCount = 20;

    private static readonly TimeSpan Unrest = TimeSpan.FromSeconds(60);

    // The longest honest way: a link that was given up, a failure detector's pause, a join, and the same once more.
    private static readonly TimeSpan MaxSettling = TimeSpan.FromSeconds(60);

    // What a start-up probe would allow. A join that has to wait for the longest cut, and for the silence after it, takes less.
    private static readonly TimeSpan MaxJoining = TimeSpan.FromSeconds(40);

    private readonly Dictionary<string, ClusterProcess> _processes = [];
    private readonly HashSet<string> _starting = [];
    private readonly string[] _rooms = [.. Enumerable.Range(0, RoomCount).Select(r => $"r{r}")];
    private readonly List<string> _violations = [];
    private readonly SimDatabase _database;
    private readonly Troubles _troubles;
    private readonly UnrestKind _kind;

    public UnrestWorld(SimWorld world, UnrestKind kind)
    {
        World = world;
        _kind = kind;
        _database = new SimDatabase(world);
        Ledger = new RoomLedger(world);
        _troubles = new Troubles(world, _database, Hosts, _processes, () => kind == UnrestKind.Wild || IsOneCluster());
    }

    public static IReadOnlyList<string> Hosts { get; } = ["n1", "n2", "n3", "n4", "n5"];

    public SimWorld World { get; }

    public RoomLedger Ledger { get; }

    /// <summary>How many troubles there were, by kind.</summary>
    public IReadOnlyDictionary<TroubleKind, int> Counts => _troubles.Counts;

    /// <summary>How long after the last trouble there was one cluster again.</summary>
    public TimeSpan Settled { get; private set; }

    /// <summary>Rooms that stay open twice in peace.</summary>
    public int LastingDoubles { get; private set; }

    /// <summary>How many starts did not become members in time, and were ended.</summary>
    public int StuckJoins { get; private set; }

    /// <returns>What is wrong; nothing if all is well.</returns>
    public IReadOnlyList<string> Run()
    {
        foreach (var host in Hosts)
            World.After(World.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1)), () => Start(host));
        World.RunFor(TimeSpan.FromSeconds(5));
        World.Every(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(30), () => Pick()?.Ask(_rooms[World.Random.Next(RoomCount)]));
        World.Every(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), StartMissing);
        _troubles.Begin();
        World.RunFor(Unrest);
        _troubles.End();
        World.Trace("peace");
        CheckOneCluster();
        if (_violations.Count == 0)
            CheckRooms();
        return _violations;
    }

    private void Start(string host)
    {
        // The start blocks, and the world goes on meanwhile.
        if (!_starting.Add(host))
            return;
        World.Trace($"{host} starts");
        var process = new ClusterProcess(World, _database, Ledger, host);
        _processes[host] = process;
        process.Start();
        _starting.Remove(host);
    }

    private void StartMissing()
    {
        foreach (var host in Hosts)
        {
            if (!_processes.TryGetValue(host, out var process) || process.IsOver)
                Start(host);
            else if (process.Failure is { } failure)
                process.End($"cannot join: {failure.Message}");
            else if (!process.HasJoined && !process.Node.IsPaused && World.Now - process.StartedAt > MaxJoining)
                EndStuck(process);
        }
    }

    /// <summary>
    /// Its process is ended, as by a start-up probe. Seen: the member that let it in was evicted before it had told another, so it holds itself
    /// for a member that is joining, and nobody knows of it.
    /// </summary>
    private void EndStuck(ClusterProcess process)
    {
        StuckJoins++;
        if (_kind == UnrestKind.Gentle)
            _violations.Add($"{MaxJoining.TotalSeconds} s after its start: {process.Describe()}");
        process.End("has not joined in time");
    }

    private ClusterProcess? Pick() =>
        _processes.TryGetValue(Hosts[World.Random.Next(Hosts.Count)], out var process) && !process.IsOver ? process : null;

    private void CheckOneCluster()
    {
        var began = World.Now;
        if (!World.RunUntil(IsOneCluster, MaxSettling))
        {
            _violations.Add($"No cluster of all nodes within {MaxSettling.TotalSeconds} s of peace. The table: view {_database.List.View}, {string.Join(", ", _database.List.Nodes.Select(n => $"{n.Key} {n.State}"))}");
            _violations.AddRange(Hosts.Select(h => _processes.TryGetValue(h, out var process) ? process.Describe() : $"{h} is not there"));
        }
        Settled = World.Now - began;
    }

    private bool IsOneCluster()
    {
        var rows = _database.List.Nodes;
        if (rows.Count != Hosts.Count || rows.Any(r => r.State != NodeState.Up))
            return false;
        var expected = rows.Select(r => r.Key.ToString()).Order(StringComparer.Ordinal).ToList();
        return Hosts.All(h => _processes.TryGetValue(h, out var process) && process.Members() is { } members && members.SequenceEqual(expected, StringComparer.Ordinal));
    }

    private void CheckRooms()
    {
        var isOver = false;
        Ledger.ForgetAnswers();
        AskAll();
        World.RunUntil(() => _rooms.All(IsServedByOne), TimeSpan.FromSeconds(30));
        foreach (var room in _rooms.Where(r => !IsServedByOne(r)))
        {
            if (IsServed(room))
                LastingDoubles++;
            if (!IsServed(room) || _kind == UnrestKind.Gentle)
            {
                var open = string.Join(", ", Ledger.Open(room).Select(o => $"{o.Number} at {o.Node.Name}"));
                _violations.Add($"{room} is open as [{open}], and answered {string.Join(", ", Hosts.Select(h => $"{h} as {Ledger.AnswerOf(h, room)}"))}");
            }
        }
        isOver = true;

        void AskAll()
        {
            if (isOver)
                return;
            foreach (var host in Hosts)
            {
                foreach (var room in _rooms)
                    _processes[host].Ask(room);
            }
            World.After(TimeSpan.FromSeconds(1), AskAll);
        }
    }

    private bool IsServed(string room) => Hosts.All(h => Ledger.AnswerOf(h, room) is not null);

    private bool IsServedByOne(string room) =>
        Ledger.Open(room) is [var one] && Hosts.All(h => Ledger.AnswerOf(h, room) == one.Number);
}
