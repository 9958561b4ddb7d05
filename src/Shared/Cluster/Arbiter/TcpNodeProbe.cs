using System.Globalization;
using System.Net.Sockets;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>Dials over TCP.</summary>
/// <remarks>
/// Nodes have to reach each other directly, as Akka.Remote wants it anyway: a proxy or load balancer in between could refuse for a
/// node that lives.
/// </remarks>
/// <param name="clock">For the time-out.</param>
/// <param name="timeout">How long a dial may take; then it counts as <see cref="ProbeResult.Silent"/>.</param>
public sealed class TcpNodeProbe(TimeProvider clock, TimeSpan timeout) : INodeProbe
{
    /// <inheritdoc/>
    public async Task<ProbeResult> DialAsync(string address, CancellationToken cancellationToken)
    {
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > ushort.MaxValue)
            return ProbeResult.Silent;

        using var limit = new CancellationTokenSource(timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address[..colon].Trim('[', ']'), port, both.Token);
            return ProbeResult.Connected;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return ProbeResult.Refused;
        }
        catch (SocketException)
        {
            return ProbeResult.Silent;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeResult.Silent;
        }
    }
}
