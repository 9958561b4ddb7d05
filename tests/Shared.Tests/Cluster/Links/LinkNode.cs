using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Tcp;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Shared.Tests.Cluster.Links;

/// <summary>A node's links on a free port of loopback, with what came from others.</summary>
internal sealed class LinkNode : ILinkReceiver, ILoggerProvider, ILogger, IAsyncDisposable
{
    public static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    public static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private readonly Channel<LinkMessage> _inbox = Channel.CreateUnbounded<LinkMessage>();
    private readonly Channel<(string Peer, LinkState State)> _changes = Channel.CreateUnbounded<(string, LinkState)>();
    private readonly SemaphoreSlim _logged = new(0);
    private readonly ILoggerFactory _loggers;

    private LinkNode(ClusterNode self, LinkOptions options, byte[] secret)
    {
        _loggers = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Debug).AddProvider(this));
        Self = self;
        Options = options;
        Links = new TcpNodeLinks(self, secret, options, TimeProvider.System, _loggers);
        Links.Attach(this);
    }

    public ClusterNode Self { get; private set; }

    public LinkOptions Options { get; }

    public TcpNodeLinks Links { get; }

    public ConcurrentQueue<(int Id, string Text)> Log { get; } = new();

    public ChannelReader<(string Peer, LinkState State)> Changes => _changes.Reader;

    public static async Task<LinkNode> StartAsync(
        string name, LinkOptions? options = null, byte[]? secret = null, string incarnation = "1", string address = "")
    {
        // On a machine with much to do 2 s pass within a preamble; tests of the limit set their own.
        options ??= new LinkOptions { PreambleTimeout = Guard };
        var node = new LinkNode(new ClusterNode(name, incarnation, NodeRoles.Gateway | NodeRoles.Rooms, address), options, secret ?? Secret);
        node.Self = await node.Links.StartAsync(CancellationToken.None);
        return node;
    }

    /// <summary>Stops it and starts another incarnation in its place.</summary>
    public async Task<LinkNode> RestartAsync(string incarnation)
    {
        await DisposeAsync();
        return await StartAsync(Self.Name, Options with { Listen = IPEndPoint.Parse(Self.Address) }, incarnation: incarnation);
    }

    public async Task<LinkMessage> NextAsync() => await _inbox.Reader.ReadAsync().AsTask().WaitAsync(Guard, TimeProvider.System);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _inbox.Reader.WaitToReadAsync(cancellationToken);

    public bool TryNext([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out LinkMessage? message) => _inbox.Reader.TryRead(out message);

    public bool HasMail => _inbox.Reader.TryPeek(out _);

    /// <summary>Waits for an event of the log.</summary>
    public async Task<string> LoggedAsync(int id)
    {
        using var guard = new CancellationTokenSource(Guard, TimeProvider.System);
        while (true)
        {
            if (Log.FirstOrDefault(l => l.Id == id) is { Text: { } text })
                return text;
            await _logged.WaitAsync(guard.Token);
        }
    }

    /// <summary>Waits until the peer's state is the given one.</summary>
    /// <returns>The states on the way, this one included.</returns>
    public async Task<List<LinkState>> StateAsync(string peer, LinkState state)
    {
        using var guard = new CancellationTokenSource(Guard, TimeProvider.System);
        List<LinkState> seen = [];
        while (true)
        {
            var change = await _changes.Reader.ReadAsync(guard.Token);
            if (change.Peer != peer)
                continue;
            seen.Add(change.State);
            if (change.State == state)
                return seen;
        }
    }

    public void Receive(string peer, LinkMessage message) => _inbox.Writer.TryWrite(message);

    public void PeerChanged(string peer, LinkState state) => _changes.Writer.TryWrite((peer, state));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Log.Enqueue((eventId.Id, formatter(state, exception)));
        _logged.Release();
    }

    public void Dispose()
    {
    }

    public async ValueTask DisposeAsync() => await Links.DisposeAsync();
}
