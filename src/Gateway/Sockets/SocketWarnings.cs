using System.Net;
using ClusterChat.Gateway.Connections;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Sockets;

/// <summary>What a listener says in the log of those that it does not let in: one line of a kind in ten seconds, whatever they do. One thread at a time.</summary>
internal sealed class SocketWarnings(ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private long? _fullAt;
    private long? _failedAt;
    private long? _overAddressAt;

    /// <summary>There is no place left.</summary>
    public void Full()
    {
        if (IsDue(ref _fullAt))
        {
            logger.CannotAccept("as many are connected as there are descriptors for (ulimit -n), or more at once than there is memory for");
        }
    }

    /// <summary>The system does not give one.</summary>
    public void Failed(Exception error)
    {
        if (IsDue(ref _failedAt))
        {
            logger.CannotAccept(error.Message);
        }
    }

    /// <summary>An address has as many as it may have.</summary>
    public void OverAddress(IPAddress? address)
    {
        if (IsDue(ref _overAddressAt))
        {
            logger.OverAddress(address);
        }
    }

    private bool IsDue(ref long? at)
    {
        if (at is { } last && clock.GetElapsedTime(last) < Quiet)
        {
            return false;
        }

        at = clock.GetTimestamp();
        return true;
    }
}
