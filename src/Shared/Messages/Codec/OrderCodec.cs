using System.Runtime.Serialization;
using ClusterChat.Cluster;

namespace ClusterChat.Messages.Codec;

/// <summary>Operators' orders to gateways, and the reports.</summary>
internal static class OrderCodec
{
    public static Wire.OrderGateway Encode(OrderGateway m)
    {
        var wire = new Wire.OrderGateway { Request = m.Request };
        switch (m.Order)
        {
            case DisconnectUser disconnect:
                wire.Disconnect = new Wire.DisconnectUser { User = disconnect.User };
                break;
            case SendNotice notice:
                wire.Notice = new Wire.SendNotice { Text = notice.Text };
                break;
            case ListConnections list:
                wire.List = new Wire.ListConnections { After = list.After, Limit = list.Limit };
                if (list.User is not null)
                    wire.List.User = list.User;
                if (list.Room is not null)
                    wire.List.Room = list.Room;
                break;
            case ApplyBlocks:
                wire.Blocks = new Wire.ApplyBlocks();
                break;
            default:
                throw new ArgumentException($"There is no wire form of {m.Order.GetType().Name}.", nameof(m));
        }

        return wire;
    }

    /// <exception cref="SerializationException">Not an order that this version knows.</exception>
    public static OrderGateway Decode(Wire.OrderGateway wire) => new(wire.Request, wire.OrderCase switch
    {
        Wire.OrderGateway.OrderOneofCase.Disconnect => new DisconnectUser(wire.Disconnect.User),
        Wire.OrderGateway.OrderOneofCase.Notice => new SendNotice(wire.Notice.Text),
        Wire.OrderGateway.OrderOneofCase.List => new ListConnections(
            wire.List.HasUser ? wire.List.User : null, wire.List.HasRoom ? wire.List.Room : null, wire.List.After, wire.List.Limit),
        Wire.OrderGateway.OrderOneofCase.Blocks => new ApplyBlocks(),
        _ => throw new SerializationException("The order is none that this version knows."),
    });

    public static Wire.GatewayReported Encode(GatewayReported m)
    {
        var wire = new Wire.GatewayReported { Request = m.Request };
        if (m.Report is { } report)
        {
            wire.Report = new Wire.GatewayReport { Count = report.Count, More = report.More };
            LineCodec.Add(wire.Report.Lines, report.Lines);
        }

        return wire;
    }

    public static GatewayReported Decode(Wire.GatewayReported wire) => new(
        wire.Request,
        wire.Report is { } report ? new GatewayReport(report.Count, LineCodec.Decode(report.Lines), report.More) : null);
}
