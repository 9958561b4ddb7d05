using System.Globalization;
using Akka.Actor;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>A process's dials, answered by the network.</summary>
internal sealed class SimNodeProbe(SimNode node, string systemName, TimeSpan timeout) : INodeProbe
{
    public async Task<ProbeResult> DialAsync(string address, CancellationToken cancellationToken)
    {
        var colon = address.LastIndexOf(':');
        var port = int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture);
        var target = new Address(SimTransport.Scheme, systemName, address[..colon], port);
        var dial = await node.World.Network.ProbeAsync(node, target, timeout);
        cancellationToken.ThrowIfCancellationRequested();
        return dial switch
        {
            SimDial.Connected => ProbeResult.Connected,
            SimDial.Refused => ProbeResult.Refused,
            _ => ProbeResult.Silent,
        };
    }
}
