using ClusterChat.Cluster;
using ClusterChat.Cluster.Links.Tcp;
using ClusterChat.Cluster.Membership;
using ClusterChat.Cluster.Membership.Actors;
using ClusterChat.Diagnostics;
using NodeLinkOptions = ClusterChat.Cluster.Links.Tcp.LinkOptions;

namespace ClusterChat.Host;

/// <summary>One node of several: links, membership and engine, put together.</summary>
internal sealed class ClusterParts : INodeCluster
{
    private readonly NodeStorage _storage;
    private readonly TcpNodeLinks _links;
    private readonly MembershipBridge _bridge = new();
    private readonly ShardedRoomCluster _engine;
    private readonly ActorSystem _actors;
    private readonly MembershipOptions _options;
    private readonly ILogger<ClusterMembership> _logger;
    private readonly TaskCompletionSource<MembershipEnd> _neverJoined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClusterMembership? _membership;

    public ClusterParts(
        ClusterNode self, byte[] secret, NodeOptions options, NodeStorage storage, TimeProvider clock, ILoggerFactory loggers, NodeDiagnostics diagnostics)
    {
        _options = options.Membership;
        _logger = loggers.CreateLogger<ClusterMembership>();
        _actors = new ActorSystem(ThreadPoolDispatcher.Instance, clock, loggers.CreateLogger<ActorSystem>(), diagnostics.Meters);
        _storage = storage;
        var settings = new NodeLinkOptions { ClusterName = options.ClusterName, Listen = ClusterOptionRules.ListenAddress(options.Cluster!)!, Upgrade = Tls(options, clock, loggers) };
        _links = new TcpNodeLinks(self, secret, settings, clock, loggers, diagnostics.Meters);
        _engine = new ShardedRoomCluster(self, _links, _bridge, _bridge.SeenView, clock, loggers.CreateLogger<ShardedRoomCluster>()) { Traces = diagnostics.Traces };
    }

    public IRoomCluster Engine => _engine;

    public IGatewayLinks Gateways => _engine;

    public IGatewayOrders Orders => _engine;

    public IRoomHandovers? Handovers => _engine;

    public long? OwnedUnder(string room) => _engine.OwnedUnder(room);

    public bool HasJoined => _engine.View.Number > 0;

    public TimeSpan? StoreSilence => _membership?.StoreSilence;

    public Task<MembershipEnd> Ended => _membership?.Ended ?? _neverJoined.Task;

    public void Attach(IRoomRegion region) => _engine.Attach(region);

    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        await _storage.StartNodesAsync(cancellationToken);
        await _storage.WarmUpAsync(cancellationToken);
        var self = await _links.StartAsync(cancellationToken);
        _membership = ClusterMembership.Start(
            _actors, new MembershipSetup(self, _storage.Nodes, _links, _options) { OnView = _engine.OnView, OnEnd = _engine.OnEnd }, _logger);
        _bridge.Attach(_membership);
        if (!await _membership.Joined.WaitAsync(cancellationToken))
        {
            var end = await _membership.Ended;
            throw new InvalidOperationException($"it did not get into the cluster: {end.Reason}, {end.Detail}");
        }
    }

    public Task<NodeRoles> RetireAsync() => _membership?.RetireAsync() ?? Task.FromResult(NodeRoles.None);

    public async Task LeaveAsync()
    {
        if (_membership is not null)
        {
            await _membership.LeaveAsync();
        }

        _neverJoined.TrySetResult(new MembershipEnd(MembershipEndReason.Left, "it had not joined"));
        await _links.StopAsync();
    }

    private static LinkStreamUpgrade? Tls(NodeOptions options, TimeProvider clock, ILoggerFactory loggers) => options.Links.Tls.Files is { } files
        ? LinkTls.Load(files, clock, loggers.CreateLogger<LinkTls>()).UpgradeAsync
        : null;

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync();
        await _actors.StopAsync();
    }
}
