namespace ClusterChat.TestKit;

/// <summary>Connects clients with the gateways that are up.</summary>
internal sealed class VirtualNetwork(Simulation simulation, WireDelays delays, Action<string> broken)
{
    private readonly List<VirtualWire> _wires = [];
    private readonly List<(VirtualDial Dial, SimNode Node)> _knocking = [];
    private readonly Dictionary<string, SimNode> _listening = new(StringComparer.Ordinal);
    private long _last;

    /// <summary>A process takes connections under its node's name.</summary>
    public void Listen(SimNode node) => _listening[node.Name] = node;

    /// <summary>Dials; the answer comes after a while, or never from a process that is paused.</summary>
    public void Dial(VirtualDial dial) => simulation.After(Delay(), () =>
    {
        if (!_listening.TryGetValue(dial.Node, out var node))
        {
            Refuse(dial);
            return;
        }

        _knocking.Add((dial, node));
        node.Process.Post(() => Accept(dial, node), "accepts");
    });

    /// <summary>A process is gone, and with it its end of all wires.</summary>
    public void Forget(SimNode node)
    {
        if (_listening.TryGetValue(node.Name, out var listening) && listening == node)
        {
            _listening.Remove(node.Name);
        }

        foreach (var wire in _wires.Where(w => w.Node == node))
        {
            wire.OnNodeKilled();
        }

        _wires.RemoveAll(w => w.Node == node);
        foreach (var (dial, _) in _knocking.Where(k => k.Node == node))
        {
            Refuse(dial);
        }

        _knocking.RemoveAll(k => k.Node == node);
    }

    private TimeSpan Delay() => delays.Next(simulation.Random);

    private void Refuse(VirtualDial dial) => simulation.After(Delay(), () =>
    {
        if (dial.End())
        {
            dial.Client.OnRefused(dial);
        }
    });

    // In the node's process.
    private void Accept(VirtualDial dial, SimNode node)
    {
        _knocking.Remove((dial, node));
        if (dial.IsOver)
        {
            return;
        }

        if (node.Gateway is not { } gateway || !gateway.Registry.IsOpen)
        {
            Refuse(dial);
            return;
        }

        var wire = new VirtualWire(simulation, dial.Client, node, delays, ++_last);
        _wires.Add(wire);
        simulation.After(Delay(), () => Open(dial, wire));
        Serve(node, wire);
    }

    private static void Open(VirtualDial dial, VirtualWire wire)
    {
        if (!dial.End())
        {
            // The client has gone elsewhere.
            wire.ClientClose();
        }
        else if (wire.IsOverForClient)
        {
            // The node died, or threw it out, before the client knew that it was in.
            dial.Client.OnRefused(dial);
        }
        else
        {
            dial.Client.OnOpen(wire);
        }
    }

    private async void Serve(SimNode node, VirtualWire wire)
    {
        try
        {
            var registry = node.Gateway!.Registry;
            await wire.ServeAsync(registry.OpenJson(wire), registry.Remove);
        }
        catch (Exception error)
        {
            broken($"the reading side of wire {wire.Number} failed: {error}");
        }
    }
}
