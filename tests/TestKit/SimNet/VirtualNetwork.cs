namespace ClusterChat.TestKit;

/// <summary>Connects clients with the node that is up, if there is one.</summary>
internal sealed class VirtualNetwork(Simulation simulation, WireDelays delays, Action<string> broken)
{
    private readonly List<VirtualWire> _wires = [];
    private long _last;

    /// <summary>Who takes connections; null while nobody does.</summary>
    public SimNode? Node { get; set; }

    /// <summary>Dials; the answer comes after a while.</summary>
    public void Dial(IWireClient client)
    {
        simulation.After(delays.Next(simulation.Random), () =>
        {
            if (Node is not { } node || !node.Gateway.Registry.IsOpen)
            {
                simulation.After(delays.Next(simulation.Random), client.OnRefused);
                return;
            }

            var wire = new VirtualWire(simulation, client, node, delays, ++_last);
            _wires.Add(wire);
            node.Process.Post(() => Serve(node, wire), "accepts");
            simulation.After(delays.Next(simulation.Random), () => Open(client, wire));
        });
    }

    /// <summary>The node's process is gone, and with it its end of all wires.</summary>
    public void Kill(SimNode node)
    {
        foreach (var wire in _wires.Where(w => w.Node == node))
        {
            wire.OnNodeKilled();
        }

        _wires.RemoveAll(w => w.Node == node);
    }

    private static void Open(IWireClient client, VirtualWire wire)
    {
        // The node may have died, or thrown it out, before the client knew that it was in.
        if (wire.IsOverForClient)
        {
            client.OnRefused();
        }
        else
        {
            client.OnOpen(wire);
        }
    }

    private async void Serve(SimNode node, VirtualWire wire)
    {
        try
        {
            var registry = node.Gateway.Registry;
            await wire.ServeAsync(registry.OpenJson(wire), registry.Remove);
        }
        catch (Exception error)
        {
            broken($"the reading side of wire {wire.Number} failed: {error}");
        }
    }
}
