using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Remote;
using Akka.Remote.Transport;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging;
using static Akka.Remote.Transport.ThrottleTransportAdapter;

namespace ClusterChat.Shared.Tests.Cluster.Arbiter;

/// <summary>A node of a cluster in this process, over real TCP, with the product's settings.</summary>
internal sealed class ArbiterNode : IAsyncDisposable
{
    /// <summary>Longer than anything takes; only a test that fails waits for it.</summary>
    public static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For <see cref="CutAsync"/>. Akka's throttle keeps lost connections to itself, so it is no good where a node dies.
    /// </summary>
    public const string Cuttable = """
        akka.remote.dot-netty.tcp.applied-adapters = ["trttl"]
        akka.cluster.failure-detector.acceptable-heartbeat-pause = 2s
        """;

    // A fast detector for those tests that are not about it, and an end without leaving.
    private const string Defaults = """
        akka.stdout-loglevel = OFF
        akka.loglevel = OFF
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.cluster.roles = ["rooms"]
        akka.coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off }
        akka.cluster.failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 800ms, min-std-deviation = 50ms }
        """;

    private readonly TaskCompletionSource<EvictionNotice> _evicted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IActorRef _watcher;

    public ArbiterNode(
        INodeTable table, string name = "a", string extra = "", Func<ArbiterOptions, ArbiterOptions>? options = null, bool isLone = false)
    {
        Table = new FaultyNodeTable(table);
        Probe = new ScriptedProbe(new TcpNodeProbe(TimeProvider.System, TimeSpan.FromMilliseconds(250)));
        Setup = new ArbiterSetup(Table, name, "rooms", Probe, n => _evicted.TrySetResult(n), (options ?? (o => o))(new ArbiterOptions()))
        {
            IsLone = isLone,
            Loggers = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Debug).AddProvider(Log)),
        };
        var config = ConfigurationFactory.ParseString(extra).WithFallback(ConfigurationFactory.ParseString(Defaults)).WithFallback(AkkaConf.Load());
        System = ActorSystem.Create("test", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), Setup));
        Cluster = Akka.Cluster.Cluster.Get(System);
        Formation = new ClusterFormation(System);
        _watcher = System.ActorOf(Props.Create(() => new Watcher(Cluster)), "watcher");
    }

    public FaultyNodeTable Table { get; }

    public ScriptedProbe Probe { get; }

    public ArbiterSetup Setup { get; }

    public ActorSystem System { get; }

    public Akka.Cluster.Cluster Cluster { get; }

    public ClusterFormation Formation { get; }

    public LogList Log { get; } = new();

    public NodeKey Key => new($"127.0.0.1:{Cluster.SelfAddress.Port}", Cluster.SelfUniqueAddress.Uid);

    public int Port => Cluster.SelfAddress.Port!.Value;

    /// <summary>Completes when it has been told to end its process.</summary>
    public Task<EvictionNotice> Evicted => _evicted.Task;

    /// <summary>Nodes of one cluster, all up; the first has founded it, and each knows all others.</summary>
    public static async Task<ArbiterNode[]> ClusterAsync(INodeTable table, int count, string extra = "", Func<ArbiterOptions, ArbiterOptions>? options = null)
    {
        var nodes = Enumerable.Range(0, count).Select(i => new ArbiterNode(table, $"n{i}", extra, options)).ToArray();
        foreach (var node in nodes)
        {
            (await node.JoinAsync()).ShouldBeTrue();
        }

        foreach (var node in nodes)
        {
            await node.UpAsync(nodes);
        }

        return nodes;
    }

    public Task<bool> JoinAsync() => Formation.JoinAsync(new CancellationTokenSource(Guard, TimeProvider.System).Token);

    /// <summary>Completes when exactly these are its members, and up.</summary>
    public Task UpAsync(params ArbiterNode[] nodes)
    {
        var keys = nodes.Select(n => n.Key).ToHashSet();
        return WhenAsync(members => members.Count == keys.Count && members.All(m => m.Value == MemberStatus.Up && keys.Contains(m.Key)));
    }

    /// <summary>Completes when its members are such.</summary>
    public async Task WhenAsync(Func<IReadOnlyDictionary<NodeKey, MemberStatus>, bool> condition)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _watcher.Tell(new Watch(condition, done));
        try
        {
            await done.Task.WaitAsync(Guard, TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            var state = Cluster.State;
            throw new TimeoutException($"""
                {Setup.Name} ({Key}) waited in vain.
                Members: {string.Join(", ", state.Members)}
                Unreachable: {string.Join(", ", state.Unreachable)}
                {string.Join('\n', Log.Lines)}
                """, e);
        }
    }

    /// <summary>Ends it without a word, as far as that goes within a process: no leaving, its port refuses, it writes nothing any more.</summary>
    public async Task KillAsync()
    {
        Table.IsAway = true;
        await Transport.Shutdown();
        await System.Terminate();
    }

    /// <summary>Cuts it off from another node: its own side of the cut.</summary>
    public Task CutAsync(ArbiterNode other)
    {
        Probe.Answer(other.Key.Address, ProbeResult.Silent);
        return Transport.ManagementCommand(new SetThrottle(other.Cluster.SelfAddress, Direction.Both, Blackhole.Instance), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Table.IsAway = true;
        await System.Terminate();
    }

    private RemoteTransport Transport => ((IRemoteActorRefProvider)((ExtendedActorSystem)System).Provider).Transport;

    /// <summary>What the node logs.</summary>
    public sealed class LogList : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<(int Id, string Text)> _lines = new();

        public IEnumerable<(int Id, string Text)> Lines => _lines;

        public int Count(int id) => _lines.Count(l => l.Id == id);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue((eventId.Id, formatter(state, exception)));

        public void Dispose()
        {
        }
    }

    private sealed record Watch(Func<IReadOnlyDictionary<NodeKey, MemberStatus>, bool> Condition, TaskCompletionSource Done);

    private sealed class Watcher : ReceiveActor
    {
        private readonly Dictionary<NodeKey, MemberStatus> _members = [];
        private readonly List<Watch> _watches = [];
        private readonly Akka.Cluster.Cluster _cluster;

        public Watcher(Akka.Cluster.Cluster cluster)
        {
            _cluster = cluster;
            Receive<Watch>(w =>
            {
                _watches.Add(w);
                Look();
            });
            Receive<ClusterEvent.IMemberEvent>(e =>
            {
                var key = new NodeKey($"127.0.0.1:{e.Member.Address.Port}", e.Member.UniqueAddress.Uid);
                if (e is ClusterEvent.MemberRemoved)
                    _members.Remove(key);
                else
                    _members[key] = e.Member.Status;
                Look();
            });
        }

        protected override void PreStart() =>
            _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));

        private void Look()
        {
            foreach (var watch in _watches.Where(w => w.Condition(_members)).ToList())
            {
                watch.Done.TrySetResult();
                _watches.Remove(watch);
            }
        }
    }
}
