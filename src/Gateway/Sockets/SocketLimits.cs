using System.Net;

namespace ClusterChat.Gateway.Sockets;

/// <summary>The limits of a <see cref="SocketTable"/>.</summary>
internal sealed record SocketLimits
{
    /// <summary>Sockets of all kinds.</summary>
    public required int Most { get; init; }

    /// <summary>Those of them that ask for nothing: no whole request has come yet, or none since the last one was answered.</summary>
    public int MostWaiting { get; init; } = int.MaxValue;

    /// <summary>Those of one address; 0 lifts the limit.</summary>
    public int PerAddress { get; init; }

    /// <summary>Whose sockets are those of many clients, and not counted by address.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>See <see cref="Connections.GatewayOptions.SendBufferBytes"/>.</summary>
    public int SendBuffer { get; init; }

    /// <summary>How long no byte may come of one of which no whole request has come yet.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(20);
}
