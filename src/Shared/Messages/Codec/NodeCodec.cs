using ClusterChat.Cluster;

namespace ClusterChat.Messages.Codec;

/// <summary>Heads, marks in the flow of events, and the list of rooms.</summary>
internal static class NodeCodec
{
    public static Wire.HeadsRepeated Encode(HeadsRepeated m)
    {
        var wire = new Wire.HeadsRepeated { Heads = { Capacity = m.Heads.Count } };
        foreach (var head in m.Heads)
        {
            wire.Heads.Add(new Wire.RoomHead { Room = head.Room, Log = head.Log, Epoch = head.Epoch, Head = head.Head, Members = head.Count + 1 });
        }

        return wire;
    }

    public static HeadsRepeated Decode(Wire.HeadsRepeated wire)
    {
        var heads = new RoomHead[wire.Heads.Count];
        for (var i = 0; i < heads.Length; i++)
        {
            var head = wire.Heads[i];
            heads[i] = new RoomHead(head.Room, head.Log, head.Epoch, head.Head, head.Members - 1);
        }

        return new HeadsRepeated(heads);
    }

    public static Wire.FlowMark Encode(FlowMark m) => new() { Mark = m.Mark };

    public static FlowMark Decode(Wire.FlowMark wire) => new(wire.Mark);

    public static Wire.FlowConfirmed Encode(FlowConfirmed m) => new() { Mark = m.Mark };

    public static FlowConfirmed Decode(Wire.FlowConfirmed wire) => new(wire.Mark);

    public static Wire.ListRooms Encode(ListRooms m)
        => new() { Request = m.Request, Prefix = m.Prefix, After = m.After, Limit = m.Limit };

    public static ListRooms Decode(Wire.ListRooms wire) => new(wire.Request, wire.Prefix, wire.After, wire.Limit);

    public static Wire.RoomsListed Encode(RoomsListed m)
    {
        var wire = new Wire.RoomsListed { Request = m.Request };
        if (m.Listing is { } listing)
        {
            wire.Listing = new Wire.RoomListing { More = listing.More };
            wire.Listing.Rooms.Capacity = listing.Rooms.Count;
            foreach (var room in listing.Rooms)
            {
                wire.Listing.Rooms.Add(new Wire.ListedRoom { Room = room.Room, Count = room.Count, Seq = room.Seq });
            }
        }

        return wire;
    }

    public static RoomsListed Decode(Wire.RoomsListed wire)
    {
        if (wire.Listing is null)
            return new RoomsListed(wire.Request, null);
        var rooms = new ListedRoom[wire.Listing.Rooms.Count];
        for (var i = 0; i < rooms.Length; i++)
        {
            var room = wire.Listing.Rooms[i];
            rooms[i] = new ListedRoom(room.Room, room.Count, room.Seq);
        }

        return new RoomsListed(wire.Request, new RoomListing(rooms, wire.Listing.More));
    }

    public static Wire.Draining Encode(Draining m) => new() { Node = m.Node };

    public static Draining Decode(Wire.Draining wire) => new(wire.Node);

    public static Wire.RoomKept Encode(RoomKept m) => new() { Request = m.Request };

    public static RoomKept Decode(Wire.RoomKept wire) => new(wire.Request);
}
