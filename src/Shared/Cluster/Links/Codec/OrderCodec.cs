using Google.Protobuf;

namespace ClusterChat.Cluster.Links.Codec;

/// <summary>Operators' orders to gateways, and the reports.</summary>
internal static class OrderCodec
{
    public static Wire.GatewayOrder Encode(GatewayOrderLink link)
    {
        var wire = new Wire.GatewayOrder { Request = link.Request };
        switch (link.Order)
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
            default:
                throw new ArgumentException($"There is no wire form of {link.Order.GetType().Name}.", nameof(link));
        }

        return wire;
    }

    /// <returns>Null: not an order that this version knows.</returns>
    public static GatewayOrderLink? Decode(Wire.GatewayOrder wire)
    {
        GatewayOrder? order = wire.KindCase switch
        {
            Wire.GatewayOrder.KindOneofCase.Disconnect => new DisconnectUser(wire.Disconnect.User),
            Wire.GatewayOrder.KindOneofCase.Notice => new SendNotice(wire.Notice.Text),
            Wire.GatewayOrder.KindOneofCase.List => new ListConnections(
                wire.List.HasUser ? wire.List.User : null, wire.List.HasRoom ? wire.List.Room : null, wire.List.After, wire.List.Limit),
            _ => null,
        };
        return order is null ? null : new GatewayOrderLink(wire.Request, order);
    }

    public static Wire.GatewayReported Encode(GatewayReportLink link)
    {
        var wire = new Wire.GatewayReported { Request = link.Request };
        if (link.Report is { } report)
        {
            wire.Report = new Wire.GatewayReport { Count = report.Count, More = report.More };
            foreach (var line in report.Lines)
                wire.Report.Lines.Add(UnsafeByteOperations.UnsafeWrap(line));
        }

        return wire;
    }

    public static GatewayReportLink Decode(Wire.GatewayReported wire) => new(
        wire.Request,
        wire.Report is { } report ? new GatewayReport(report.Count, [.. report.Lines.Select(l => l.Memory)], report.More) : null);
}
