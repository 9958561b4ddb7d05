namespace ClusterChat.TestKit;

/// <content>What all of it has to come to.</content>
internal sealed partial class SimWorld
{
    private string? Unsettled() => UnsettledCluster() ?? UnsettledClients();

    private string? UnsettledCluster()
    {
        if (_nodes.Count < _topology.Count)
        {
            return $"only these nodes are up: {string.Join(' ', _nodes.Select(n => n.Id))}";
        }

        if (_nodes.Find(n => n.IsStopping) is { } stopping)
        {
            return $"{stopping.Id} stops";
        }

        var (table, rows) = (_cluster.Table, _cluster.Table.Rows);
        if (!rows.OrderBy(n => n.Id, StringComparer.Ordinal).SequenceEqual(_nodes.Select(n => n.Self).OrderBy(n => n.Id, StringComparer.Ordinal)))
        {
            return $"the table of nodes has {string.Join(' ', rows.Select(n => $"{n.Id} {n.Roles}"))}";
        }

        return _nodes.Find(n => n.Member.View.Number != table.View || n.Member.Number != table.View) is { Member: var behind }
            ? $"{behind.Self.Id} is at view {behind.View.Number} and {behind.Number} of {table.View}"
            : _cluster.Homes.Unsettled;
    }

    private string? UnsettledClients()
    {
        foreach (var client in Living.Where(c => !c.IsSettled))
        {
            return $"{client.Name} at {client.Wire?.Node.Id ?? "nobody"} is not settled: {string.Join("; ", client.Rooms.Select(Describe))}";
        }

        foreach (var room in Store.Journal.Rooms)
        {
            foreach (var client in Living)
            {
                if (client.Rooms.FirstOrDefault(r => r.Room == room.Name) is { } view && view.Seq != room.Head)
                {
                    return $"{client.Name} at {client.Wire!.Node.Id} is at {view.Seq} in {room.Name}, the head is {room.Head}";
                }
            }
        }

        return _nodes.Find(n => n.Gateway is { Unacked: > 0 }) is { } waiting ? $"{waiting.Gateway!.Unacked} writes wait at {waiting.Id} for their ack" : null;
    }

    // After the dead have timed out nothing may be left of them.
    private string? Leftover()
    {
        foreach (var node in _nodes.Where(n => n.Gateway is not null))
        {
            var open = node.Gateway!.Registry.All.OrderBy(c => c.Id).ToList();
            var living = Living.Count(c => c.Wire!.Node == node);
            if (open.Count != living || !open.All(c => c.Unacked == 0 && c.Outbox.IsIdle))
            {
                return $"{living} clients live at {node.Id}, and these connections are open: "
                    + string.Join(", ", open.Select(c => $"{c.Id} (unacked {c.Unacked}, idle {c.Outbox.IsIdle}, closing {c.Outbox.Closing})"));
            }
        }

        return null;
    }

    private static string Describe(RoomView view)
        => $"{view.Room} {(view.IsLive ? "live" : "out")} at {view.Seq}, asked {view.Asked}, unacked {string.Join(' ', view.Unacked.Select(w => w.Mid))}";

    private void NoteRest()
    {
        foreach (var client in Living)
        {
            foreach (var view in client.Rooms)
            {
                Facts.Add(new Fact.Rested(
                    Now, client.Name, client.ShownName, view.Room, view.Log ?? "", view.Seq, view.Listed,
                    view.Told is { } told && !client.MayHaveMissedPresence && _plan.Gateway.OutboxBytes >= 1024 * 1024
                        ? [.. told] : view.Listed));
            }
        }
    }
}
