using System.Net.Sockets;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>Socket options that let a node notice that the other side is gone without a word.</summary>
internal static class LinkSockets
{
    private const int IpProtoTcp = 6;

    /// <summary>TCP_USER_TIMEOUT of Linux, RFC 5482: the time after which unacknowledged data ends the connection.</summary>
    private const int TcpUserTimeout = 18;

    /// <summary>Sets them on a new socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="unacknowledged">How long data may go unacknowledged.</param>
    public static void Configure(Socket socket, TimeSpan unacknowledged)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        // An idle connection to a machine that is gone ends after about 5 + 3 x 2 s.
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 2);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        if (!OperatingSystem.IsLinux())
            return;
        Span<byte> value = stackalloc byte[sizeof(int)];
        System.Runtime.InteropServices.MemoryMarshal.Write(value, (int)unacknowledged.TotalMilliseconds);
        socket.SetRawSocketOption(IpProtoTcp, TcpUserTimeout, value);
    }
}
