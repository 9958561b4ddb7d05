using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Diagnostics;
using ClusterChat.Messages;

namespace ClusterChat.Cluster.Engine;

/// <summary>
/// A node's door for other nodes: events for its gateway's subscriptions, orders for the gateway, questions to and states for its rooms. On
/// every node under the same path.
/// </summary>
internal sealed class NodeActor(RoomCluster cluster) : UntypedActor
{
    /// <summary>Its name below <c>/user</c>.</summary>
    public const string Name = "node";

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FromRoom fromRoom:
                if (fromRoom is EventsCommitted { Traces.Length: > 0 } traced)
                {
                    Arrived(traced.Traces, traced.Room);
                }

                cluster.Deliver(fromRoom, Sender);
                break;
            case Draining draining:
                cluster.Leaves(draining.Node);
                break;
            case FlowMark mark:
                Sender.Tell(new FlowConfirmed(mark.Mark), Self);
                break;
            case FlowConfirmed confirmed:
                cluster.Flows.Confirmed(Sender, confirmed.Mark);
                break;
            case HeadsRepeated heads:
                cluster.Deliver(heads);
                break;
            case ListRooms list:
                var asker = Sender.Path.Address;
                Answer(() => ListAsync(list, asker), listing => new RoomsListed(list.Request, listing));
                break;
            case RoomsListed listed:
                cluster.Requests.Answered(listed.Request, listed.Listing);
                break;
            case OrderGateway order:
                Answer(async () => await CarryOutAsync(cluster, order.Order), report => new GatewayReported(order.Request, report));
                break;
            case GatewayReported reported:
                cluster.Requests.Answered(reported.Request, reported.Report);
                break;
            case KeepRoom keep:
                if (cluster.Rooms?.Keep(keep.Room, keep.State) != false)
                {
                    Sender.Tell(new RoomKept(keep.Request), Self);
                }

                break;
            case Outcome { Message: Reply reply } outcome when outcome.Asker == this:
                reply.To.Tell(reply.Message, Self);
                break;
        }
    }

    /// <summary>Carries out an order on this node; null where that fails.</summary>
    public static async Task<GatewayReport?> CarryOutAsync(RoomCluster cluster, GatewayOrder order)
    {
        try
        {
            return cluster.Gateway is { } gateway ? await gateway(order) : GatewayReport.None;
        }
        catch (Exception error)
        {
            cluster.Logger.OrderFailed(order.GetType().Name, error.Message);
            return null;
        }
    }

    private async ValueTask<RoomListing?> ListAsync(ListRooms list, Address asker)
    {
        try
        {
            return cluster.Rooms is { } rooms ? await rooms.ListRoomsAsync(list.Prefix, list.After, list.Limit, CancellationToken.None) : null;
        }
        catch (Exception error)
        {
            cluster.Logger.ListFailed(asker.ToString(), error.Message);
            return null;
        }
    }

    private void Answer<T>(Func<ValueTask<T>> operation, Func<T?, object> answer)
    {
        var asker = Sender;
        this.Pipe(Self, operation, result => new Reply(asker, answer(result)), _ => new Reply(asker, answer(default)));
    }

    private void Arrived(MessageTrace[] traces, string room)
    {
        foreach (var trace in traces)
        {
            cluster.Traces?.Arrived(trace, room, Sender.Path.Address.ToString());
        }
    }

    private sealed record Reply(IActorRef To, object Message);
}
