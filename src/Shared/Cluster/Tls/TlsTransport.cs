using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tls;

/// <summary>
/// Akka's transport over TCP and TLS. It stands in place of Akka's own because that (DotNetty, 1.5.74) takes one certificate for
/// the life of a process, offers no TLS 1.3, and stops the whole actor system when a handshake fails that this node has begun: a
/// peer that is killed within a handshake, or a stranger at the address of a node that is gone, would take its diallers with it.
/// </summary>
/// <remarks>Akka makes it by its name, so it gets what it needs from a <see cref="RemoteLinkSetup"/>.</remarks>
internal sealed class TlsTransport : Transport
{
    /// <summary>Of addresses, behind "akka.": what Akka's own TLS transport has.</summary>
    public const string Scheme = "ssl.tcp";

    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private readonly RemoteLinkSetup _setup;
    private readonly LinkStreams _streams;
    private readonly UnprovedLinks _unproved;
    private readonly LinkMetrics _metrics;
    private readonly TaskCompletionSource<IAssociationEventListener> _listener = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<Task, TlsAssociation?> _running = [];
    private Socket? _socket;
    private Address? _address;

    public TlsTransport(ActorSystem system, Config config)
    {
        (System, Config) = (system, config);
        _setup = system.Settings.Setup.Get<RemoteLinkSetup>() is { HasValue: true } setup
            ? setup.Value
            : throw new ConfigurationException($"The actor system was made without {nameof(RemoteLinkHosting.WithRemoteLinks)}.");
        _streams = new LinkStreams(_setup);
        _unproved = new UnprovedLinks(_setup.Options);
        _metrics = new LinkMetrics(_setup.Meters, () => _unproved.Count);
        SchemeIdentifier = Scheme;
        MaximumPayloadBytes = _setup.Options.MaxMessageBytes;
    }

    public override bool IsResponsibleFor(Address remote) => true;

    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        var options = _setup.Options;
        var socket = new Socket(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(options.Listen);
            socket.Listen();
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new Akka.Remote.RemoteTransportException($"Cannot listen on {options.Listen}: {e.Message}", e);
        }

        var bound = (IPEndPoint)socket.LocalEndPoint!;
        (_socket, _address) = (socket, AddressOf(bound, options.PublicHost, options.PublicPort));
        _setup.Logger.Listening(bound.ToString(), _address.ToString());
        Run(AcceptAllAsync(socket, _stopping.Token));
        return Task.FromResult((_address, _listener));
    }

    /// <summary>Dials. It never ends the actor system, whoever is there.</summary>
    public override Task<AssociationHandle> Associate(Address remoteAddress) =>
        // Akka's actor calls it within a turn; nothing of the dial is to run there.
        Task.Run(() => DialAsync(remoteAddress, _stopping.Token));

    public override async Task<bool> Shutdown()
    {
        // Akka's flushing is over; what it wrote is still to go out.
        await _stopping.CancelAsync();
        _socket?.Dispose();
        List<KeyValuePair<Task, TlsAssociation?>> running;
        lock (_lock)
            running = [.. _running];
        foreach (var (_, association) in running)
            association?.Close();
        await Task.WhenAll(running.Select(r => r.Key));
        return true;
    }

    private async Task<AssociationHandle> DialAsync(Address remote, CancellationToken cancellationToken)
    {
        if (remote.Host is null || remote.Port is not { } port || _address is null)
            throw new InvalidAssociationException($"{remote} is no address to dial, or nothing listens here");
        try
        {
            var stream = await _streams.DialAsync(remote.Host, port, cancellationToken);
            var association = new TlsAssociation(_address, remote, stream, _setup);
            Run(association);
            return association;
        }
        catch (ClusterTlsException e)
        {
            if (_setup.Sparing.Take((remote, e.Fault)))
                _setup.Logger.NotLetIn(remote.ToString(), e.Message, SparingLog.Pause);
            throw new InvalidAssociationException($"Did not get in at {remote}: {e.Message}");
        }
        catch (Exception e) when (e is SocketException or TimeoutException or OperationCanceledException or IOException)
        {
            throw new InvalidAssociationException($"Cannot reach {remote}: {e.Message}");
        }
    }

    private async Task AcceptAllAsync(Socket listening, CancellationToken cancellationToken)
    {
        try
        {
            var listener = await _listener.Task.WaitAsync(cancellationToken);
            while (true)
            {
                try
                {
                    Take(await listening.AcceptAsync(cancellationToken), listener, cancellationToken);
                }
                catch (SocketException e) when (!cancellationToken.IsCancellationRequested)
                {
                    // Such as no file handle left.
                    _setup.Logger.AcceptFailed(AcceptPause, e);
                    await Task.Delay(AcceptPause, _setup.Clock, cancellationToken);
                }
            }
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private void Take(Socket socket, IAssociationEventListener listener, CancellationToken cancellationToken)
    {
        var remote = socket.RemoteEndPoint as IPEndPoint;
        Run(ProveAsync(socket, remote, _unproved.Add(socket, remote?.Address), listener, cancellationToken));
    }

    private async Task ProveAsync(
        Socket socket, IPEndPoint? remote, UnprovedLink link, IAssociationEventListener listener, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await _streams.AcceptAsync(socket, cancellationToken);
            if (!_unproved.Remove(link))
            {
                await stream.DisposeAsync();
                throw new IOException("it had to go");
            }

            // Which node it is Akka learns from its first message.
            var association = new TlsAssociation(_address!, AddressOf(remote ?? _setup.Options.Listen, null, null), stream, _setup);
            Run(association);
            listener.Notify(new InboundAssociation(association));
        }
        catch (Exception e) when (link.IsPushedOut)
        {
            TurnedAway(remote, new ClusterTlsException(ClusterTlsFault.TooMany, "it had not proved itself, and too many others came that have not either", e));
        }
        catch (ClusterTlsException e) when (e.Fault == ClusterTlsFault.Probe)
        {
            // Other nodes dial to learn whether this process lives, and health checks of all kinds do.
            _setup.Logger.Probed(remote?.ToString() ?? "?");
        }
        catch (ClusterTlsException e)
        {
            TurnedAway(remote, e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            TurnedAway(remote, new ClusterTlsException(ClusterTlsFault.BrokenOff, $"it ended the connection: {e.Message}", e));
        }
        catch (OperationCanceledException)
        {
            // This node stops.
        }
        catch (Exception e)
        {
            _setup.Logger.IncomingFailed(remote?.ToString() ?? "?", e);
        }
        finally
        {
            _unproved.Remove(link);
        }
    }

    private void TurnedAway(EndPoint? remote, ClusterTlsException e)
    {
        _metrics.TurnedAway(e.Fault);
        if (_setup.Sparing.Take((nameof(TurnedAway), e.Fault)))
            _setup.Logger.TurnedAway(remote?.ToString() ?? "?", e.Message, SparingLog.Pause);
    }

    private void Run(TlsAssociation association) => Run(association.RunAsync(), association);

    /// <summary>Keeps a task that does not throw until it is over.</summary>
    private void Run(Task task, TlsAssociation? association = null)
    {
        lock (_lock)
            _running.Add(task, association);
        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        // It may have been made while Shutdown looked.
        if (_stopping.IsCancellationRequested)
            association?.Close();

        void Forget(Task ended)
        {
            lock (_lock)
                _running.Remove(ended);
        }
    }

    private Address AddressOf(IPEndPoint endPoint, string? host, int? port)
    {
        host ??= endPoint.Address.ToString();
        return new Address(Scheme, System.Name, host.Contains(':') ? $"[{host}]" : host, port ?? endPoint.Port);
    }
}
