using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ClusterChat.Cluster.Tls;

/// <summary>Makes a secured stream of a socket, on either side, in a limited time.</summary>
/// <remarks>
/// After the handshake the accepting side says one byte, the version of the framing. In TLS 1.3 the dialling side is through
/// before the accepting one has looked at its certificate; the byte tells it that it is in.
/// </remarks>
internal sealed class LinkStreams(RemoteLinkSetup setup)
{
    public const byte Framing = 1;

    /// <summary>Dials.</summary>
    /// <exception cref="SocketException">Nobody is there.</exception>
    /// <exception cref="TimeoutException">Nobody answers.</exception>
    /// <exception cref="ClusterTlsException">Who is there is none of this cluster, or does not take this node for one.</exception>
    public async Task<SslStream> DialAsync(string host, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var limit = new CancellationTokenSource(setup.Options.ConnectTimeout, setup.Clock);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await socket.ConnectAsync(host.Trim('[', ']'), port, end.Token);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new TimeoutException($"no connection within {setup.Options.ConnectTimeout}", e);
            throw;
        }

        return await HandshakeAsync(socket, server: false, cancellationToken);
    }

    /// <summary>Takes a dialler in.</summary>
    /// <exception cref="ClusterTlsException">It is turned away.</exception>
    public Task<SslStream> AcceptAsync(Socket socket, CancellationToken cancellationToken) =>
        HandshakeAsync(socket, server: true, cancellationToken);

    /// <summary>Both sides' part once there is a connection. The socket is disposed of with the stream, and on failure.</summary>
    internal async Task<SslStream> HandshakeAsync(Socket socket, bool server, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(setup.Options.HandshakeTimeout, setup.Clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        SslStream? secured = null;
        try
        {
            if (server)
                await FirstByteAsync(socket, end.Token);

            // Batches are made here, not by the kernel. Sizes of buffers are the kernel's: it fits them to the way, which a fixed size ends.
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            secured = await setup.Tls.SecureAsync(new NetworkStream(socket, ownsSocket: true), server, end.Token);
            await (server ? WelcomeAsync(secured, end.Token) : EnterAsync(secured, end.Token));
            return secured;
        }
        catch (Exception e)
        {
            if (secured is not null)
                await secured.DisposeAsync();
            socket.Dispose();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new ClusterTlsException(ClusterTlsFault.Silence, $"it took no part in the TLS handshake within {setup.Options.HandshakeTimeout}", e);
            throw;
        }
    }

    /// <summary>Waits for the first byte, and leaves it there: who ends the connection before that is none who was turned away.</summary>
    private static async Task FirstByteAsync(Socket socket, CancellationToken cancellationToken)
    {
        SocketException? cause = null;
        try
        {
            if (await socket.ReceiveAsync(new byte[1], SocketFlags.Peek, cancellationToken) > 0)
                return;
        }
        catch (SocketException e)
        {
            cause = e;
        }

        throw new ClusterTlsException(ClusterTlsFault.Probe, "it ended the connection without a byte", cause);
    }

    private static async Task WelcomeAsync(SslStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(new[] { Framing }, cancellationToken);
        }
        catch (IOException e)
        {
            throw new ClusterTlsException(ClusterTlsFault.BrokenOff, "it ended the connection after the TLS handshake; its log may say why", e);
        }
    }

    private static async Task EnterAsync(SslStream stream, CancellationToken cancellationToken)
    {
        var greeting = new byte[1];
        Exception? cause = null;
        try
        {
            if (await stream.ReadAsync(greeting, cancellationToken) == 1)
            {
                if (greeting[0] != Framing)
                    throw new ClusterTlsException(ClusterTlsFault.Version, $"it frames messages as of version {greeting[0]}, this node as of {Framing}");
                return;
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            cause = e;
        }

        throw new ClusterTlsException(
            ClusterTlsFault.BrokenOff, "it ended the connection when it had seen this node's certificate; its log says whether it refused it", cause);
    }
}
