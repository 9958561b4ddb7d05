using ClusterChat.Cluster.Links;
using ClusterChat.Protocol;

namespace ClusterChat.Cluster;

/// <content>What comes over the links.</content>
public sealed partial class ShardedRoomCluster
{
    private static readonly ProtocolError Busy = new(ErrorCode.Busy, "The room has too much to do right now.", RetryMs: 200);

    // Held while early messages are handed on, so that no later one overtakes them; whoever takes them only puts them away.
    private readonly Lock _earlyGate = new();
    private readonly EarlyMessages _early = new();

    /// <inheritdoc/>
    public void Receive(string peer, LinkMessage message)
    {
        switch (message)
        {
            case ToRoomLink m:
                if (m.Message is Write { Trace: { } trace })
                    Traces?.Arrived(trace, m.Message.Room, peer);

                // A gateway that this node does not know yet could not be answered.
                Take(peer, m, m.View, waits: !Owns(m.Message.Room) || !_now.Nodes.ContainsKey(peer));
                break;
            case AskHandoverLink m:
                Take(peer, m, m.View, waits: true);
                break;
            case HandoverLink m:
                Take(peer, m, m.View, waits: true);
                break;
            case FromRoomLink fromRoom:
                if (fromRoom.Message is EventsCommitted { Traces.Length: > 0 } traced)
                    Array.ForEach(traced.Traces, t => Traces?.Arrived(t, traced.Room, peer));
                _sink?.Deliver(fromRoom.Message);
                break;
            case HeadsLink heads:
                _sink?.DeliverHeads(heads.Heads);
                break;
            case NotOwnerLink notOwner:
                CompareView(notOwner.View);
                _sink?.Deliver(new StreamEnded(notOwner.Room, notOwner.Stream));
                break;
            case ListRoomsLink list:
                // Never fails: what goes wrong is logged, and answered with nothing.
                _ = AnswerListAsync(peer, list);
                break;
            case GatewayOrderLink order:
                // Never fails either.
                _ = CarryOutAsync(peer, order);
                break;
            case GatewayReportLink report:
                _orders.Reported(report);
                break;
            case RoomsListedLink listed:
                _lists.Listed(listed);
                break;
            default:
                _membership.Receive(peer, message);
                break;
        }
    }

    /// <inheritdoc/>
    public void PeerChanged(string peer, LinkState state)
    {
        LinkChanged(peer, state);
        if (state != LinkState.Connected && _now.Nodes.TryGetValue(peer, out var node))
        {
            // What was on the way is lost: the streams to its rooms are opened anew as soon as it can be reached.
            var map = _now.Map;
            _sink?.OwnersChanged(room => map.OwnerOf(room)?.Id == node.Id);
        }

        _membership.PeerChanged(peer, state);
    }

    private bool Owns(string room) => _now.Map.OwnerOf(room)?.Id == _self.Id;

    private void Take(string peer, LinkMessage message, long view, bool waits)
    {
        CompareView(view);
        if (_early.IsEmpty && (!waits || view <= _now.View.Number))
        {
            Handle(peer, message);
            return;
        }

        lock (_earlyGate)
        {
            if (!waits || view <= _now.View.Number || !_early.TryAdd(peer, message))
            {
                Handle(peer, message);
            }
        }
    }

    /// <summary>After each change of the view.</summary>
    private void TakeEarly()
    {
        lock (_earlyGate)
        {
            _early.Drain(Receive);
        }
    }

    private void Handle(string peer, LinkMessage message)
    {
        switch (message)
        {
            case ToRoomLink toRoom:
                OnToRoom(peer, toRoom.Message);
                break;
            case AskHandoverLink ask:
                OnAsked(peer, ask.Room);
                break;
            case HandoverLink handover:
                OnHandover(peer, handover);
                break;
        }
    }

    private void OnToRoom(string peer, ToRoom message)
    {
        var now = _now;
        if (!now.Nodes.ContainsKey(peer))
        {
            // It was removed, and has not noticed yet. It cannot be answered, and nobody would take its members out again.
            return;
        }

        if (_region is null || now.Map.OwnerOf(message.Room)?.Id != _self.Id)
        {
            Send(peer, new NotOwnerLink(message.Room, message.Stream, now.View.Number));
        }
        else if (!DeliverHere(now, message))
        {
            FromRoom? refusal = message switch
            {
                Write write => new WritesDone(write.Room, write.Stream, [new WriteDone(write.Number, 0, 0, false, Busy)]),
                Enter enter => new Refused(enter.Room, enter.Stream, enter.Request, Busy),
                ReadEvents read => new Refused(read.Room, read.Stream, read.Request, Busy),
                ListMembers list => new Refused(list.Room, list.Stream, list.Request, Busy),
                Subscribe or Leave => new StreamEnded(message.Room, message.Stream),
                _ => null,
            };
            if (refusal is not null)
            {
                Tell(message.Gateway, refusal);
            }
        }
    }

    private async Task CarryOutAsync(string peer, GatewayOrderLink order)
        => Send(peer, new GatewayReportLink(order.Request, await _orders.ExecuteAsync(order.Order)));

    private async Task AnswerListAsync(string peer, ListRoomsLink list)
    {
        var listing = await _lists.ReadAsync(_region, peer, list);
        Send(peer, new RoomsListedLink(list.Request, listing));
    }
}
