using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>
/// Accepts connections with Kestrel's transport, goes through the preamble, and hands those on that proved themselves.
/// The transport stops reading a socket while 1 MiB of it is not parsed.
/// </summary>
/// <param name="context">What all connections share.</param>
/// <param name="loggerFactory">For the transport.</param>
/// <param name="admit">Whether a node that has proved itself may connect.</param>
/// <param name="serve">Serves a connection until it ends; must not throw.</param>
internal sealed class LinkListener(
    LinkContext context, ILoggerFactory loggerFactory, Func<Dialler, bool> admit, Func<Dialler, PipeReader, CancellationToken, Task> serve)
{
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskSet _connections = new();
    private readonly TurnedAwayLog _turnedAway = new(context);
    private IConnectionListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _unproved;

    /// <exception cref="IOException">The address is taken.</exception>
    public async Task<IPEndPoint> BindAsync(CancellationToken cancellationToken)
    {
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggerFactory);
        _listener = await transport.BindAsync(context.Options.Listen, cancellationToken);
        context.Logger.Listening(_listener.EndPoint.ToString() ?? "");
        return (IPEndPoint)_listener.EndPoint;
    }

    /// <summary>Accepts from now on; who dialled before waits in the backlog.</summary>
    public void Start() => _accepting = Task.Run(AcceptAllAsync, CancellationToken.None);

    public async Task StopAsync()
    {
        if (_listener is null)
            return;
        await _listener.UnbindAsync();
        await _stop.CancelAsync();
        await _accepting;
        await _connections.WhenAllAsync();
        await _listener.DisposeAsync();
    }

    private async Task AcceptAllAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (await _listener!.AcceptAsync(_stop.Token) is not { } connection)
                    return;
                _connections.Run(() => HandleAsync(connection));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                // Out of file handles, most likely. A node that does not listen is dead to the others, so go on.
                context.Logger.AcceptFailed(AcceptPause, e);
                await Task.Delay(AcceptPause, context.Clock);
            }
        }
    }

    private async Task HandleAsync(ConnectionContext connection)
    {
        var remote = connection.RemoteEndPoint?.ToString() ?? "";
        try
        {
            await using (connection)
            {
                if (connection.Features.Get<IConnectionSocketFeature>() is { } feature)
                    LinkSockets.Configure(feature.Socket, context.Options.WriteTimeout);
                await HandleAsync(connection, remote);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or LinkTlsException)
        {
            // It broke, or this node stops.
        }
        catch (Exception e)
        {
            context.Logger.IncomingFailed(remote, e);
        }
    }

    private async Task HandleAsync(ConnectionContext connection, string remote)
    {
        Stream? stream = null;
        try
        {
            Dialler dialler;
            PipeReader input;
            var unproved = Interlocked.Increment(ref _unproved);
            using var timeout = new CancellationTokenSource(context.Options.PreambleTimeout, context.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
            try
            {
                if (unproved > context.Options.MaxUnproved)
                    throw new PreambleException(Wire.Fault.Full);
                if (context.Options.Upgrade is { } upgrade)
                    stream = await upgrade(new DuplexPipeStream(connection.Transport), server: true, either.Token);
                input = stream is null ? connection.Transport.Input : PipeReader.Create(stream);
                var output = stream is null ? connection.Transport.Output : PipeWriter.Create(stream);
                if (stream is SslStream)
                    await ShouldSpeakAsync(input, either.Token);
                dialler = await context.Preamble.AcceptAsync(new PreambleStream(input, output), admit, either.Token);
            }
            catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
            {
                throw new PreambleException(Wire.Fault.TimedOut);
            }
            finally
            {
                Interlocked.Decrement(ref _unproved);
            }

            await serve(dialler, input, _stop.Token);
        }
        catch (PreambleException e)
        {
            _turnedAway.Add(e, remote);
        }
        catch (LinkTlsException e) when (!_stop.IsCancellationRequested)
        {
            _turnedAway.Add(e, remote);
        }
        finally
        {
            if (stream is not null)
                await stream.DisposeAsync();
        }
    }

    // The side that dials may look at this node's certificate only after its handshake is over for both, and then just goes.
    private static async Task ShouldSpeakAsync(PipeReader input, CancellationToken cancellationToken)
    {
        try
        {
            var first = await input.ReadAsync(cancellationToken);
            input.AdvanceTo(first.Buffer.Start);
            if (!first.Buffer.IsEmpty)
                return;
        }
        catch (IOException)
        {
            // As good as an end.
        }

        throw new LinkTlsException("it ended the connection after the TLS handshake; its log says whether it refused this node's certificate");
    }
}
