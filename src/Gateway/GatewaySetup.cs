using ClusterChat.Diagnostics;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Identity;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Sockets;

namespace ClusterChat.Gateway;

/// <summary>What tells a gateway from others.</summary>
/// <param name="NodeName">The node's name, which clients are told.</param>
/// <param name="ClusterSecret">32 bytes that all nodes of the cluster have in common.</param>
/// <param name="RandomBytes">Makes 16 random bytes; unpredictable outside of simulations.</param>
public sealed record GatewaySetup(string NodeName, ReadOnlyMemory<byte> ClusterSecret, Func<byte[]> RandomBytes)
{
    /// <summary>Who is let in. Checked by <see cref="AuthRules"/>.</summary>
    public AuthOptions Auth { get; init; } = new();

    /// <summary>What it has against abuse; null for nothing, as in simulations.</summary>
    public AbuseSetup? Abuse { get; init; }

    /// <summary>How many loops write to the connections. More than cores only cost; a simulation fixes it.</summary>
    public int Lanes { get; init; } = Environment.ProcessorCount;

    /// <summary>The sockets that its clients come over; null where they come without.</summary>
    public ClientSockets? Sockets { get; init; }
    /// <summary>What clients do not take, also of the web server's answers; null where there are none.</summary>
    public ClientOutput? Output { get; init; }

    /// <summary>Where it shows what it does.</summary>
    public NodeDiagnostics Diagnostics { get; init; } = NodeDiagnostics.None;
}
