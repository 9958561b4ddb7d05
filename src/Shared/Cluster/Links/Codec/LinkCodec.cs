namespace ClusterChat.Cluster.Links.Codec;

/// <summary>
/// Turns messages into envelopes and back. What a later version says and this one does not know comes back as null,
/// to be skipped; fields that it does not know are ignored.
/// </summary>
internal static class LinkCodec
{
    /// <param name="message">The message.</param>
    /// <param name="self">
    /// The sending node's <see cref="ClusterNode.Id"/>: as the gateway of a message to a room it need not be repeated
    /// each time.
    /// </param>
    public static Wire.Envelope Encode(LinkMessage message, string self) => message switch
    {
        ToRoomLink m => new Wire.Envelope { ToRoom = ToRoomCodec.Encode(m, self) },
        FromRoomLink m => new Wire.Envelope { FromRoom = FromRoomCodec.Encode(m.Message) },
        HeadsLink m => new Wire.Envelope { Heads = Encode(m) },
        NotOwnerLink m => new Wire.Envelope { NotOwner = new Wire.NotOwner { Room = m.Room, Stream = m.Stream, View = m.View } },
        ListRoomsLink m => new Wire.Envelope
        {
            ListRooms = new Wire.ListRooms { Request = m.Request, Prefix = m.Prefix, After = m.After, Limit = m.Limit },
        },
        RoomsListedLink m => new Wire.Envelope { RoomsListed = Encode(m) },
        AliveLink m => new Wire.Envelope
        {
            Alive = new Wire.Alive
            {
                View = m.View,
                StoreReachedMsAgo = m.StoreReachedMsAgo,
                Unreached = FromRoomCodec.EncodeNames(m.Unreached),
            },
        },
        AskHandoverLink m => new Wire.Envelope { AskHandover = new Wire.AskHandover { View = m.View, Room = m.Room } },
        HandoverLink m => new Wire.Envelope { Handover = HandoverCodec.Encode(m) },
        GatewayOrderLink m => new Wire.Envelope { GatewayOrder = OrderCodec.Encode(m) },
        GatewayReportLink m => new Wire.Envelope { GatewayReported = OrderCodec.Encode(m) },
        _ => throw new ArgumentException($"There is no envelope for {message.GetType().Name}.", nameof(message)),
    };

    /// <param name="envelope">What came.</param>
    /// <param name="sender">The <see cref="ClusterNode.Id"/> that the sender has proved.</param>
    /// <returns>Null: not a kind of message that this version knows.</returns>
    public static LinkMessage? Decode(Wire.Envelope envelope, string sender) => envelope.KindCase switch
    {
        Wire.Envelope.KindOneofCase.ToRoom => ToRoomCodec.Decode(envelope.ToRoom, sender),
        Wire.Envelope.KindOneofCase.FromRoom => FromRoomCodec.Decode(envelope.FromRoom) is { } m ? new FromRoomLink(m) : null,
        Wire.Envelope.KindOneofCase.Heads => Decode(envelope.Heads),
        Wire.Envelope.KindOneofCase.NotOwner =>
            new NotOwnerLink(envelope.NotOwner.Room, envelope.NotOwner.Stream, envelope.NotOwner.View),
        Wire.Envelope.KindOneofCase.ListRooms => new ListRoomsLink(
            envelope.ListRooms.Request, envelope.ListRooms.Prefix, envelope.ListRooms.After, envelope.ListRooms.Limit),
        Wire.Envelope.KindOneofCase.RoomsListed => Decode(envelope.RoomsListed),
        Wire.Envelope.KindOneofCase.Alive => new AliveLink(
            envelope.Alive.View, envelope.Alive.StoreReachedMsAgo, FromRoomCodec.DecodeNames(envelope.Alive.Unreached)),
        Wire.Envelope.KindOneofCase.AskHandover => new AskHandoverLink(envelope.AskHandover.View, envelope.AskHandover.Room),
        Wire.Envelope.KindOneofCase.Handover => HandoverCodec.Decode(envelope.Handover),
        Wire.Envelope.KindOneofCase.GatewayOrder => OrderCodec.Decode(envelope.GatewayOrder),
        Wire.Envelope.KindOneofCase.GatewayReported => OrderCodec.Decode(envelope.GatewayReported),
        _ => null,
    };

    private static Wire.Heads Encode(HeadsLink message)
    {
        var heads = new Wire.Heads { Heads_ = { Capacity = message.Heads.Count } };
        foreach (var head in message.Heads)
        {
            heads.Heads_.Add(new Wire.RoomHead { Room = head.Room, Log = head.Log, Epoch = head.Epoch, Head = head.Head });
        }

        return heads;
    }

    private static HeadsLink Decode(Wire.Heads message)
    {
        var heads = new RoomHead[message.Heads_.Count];
        for (var i = 0; i < heads.Length; i++)
        {
            var head = message.Heads_[i];
            heads[i] = new RoomHead(head.Room, head.Log, head.Epoch, head.Head);
        }

        return new HeadsLink(heads);
    }

    private static Wire.RoomsListed Encode(RoomsListedLink message)
    {
        var listed = new Wire.RoomsListed { Request = message.Request };
        if (message.Listing is { } listing)
        {
            listed.Listing = new Wire.RoomListing { More = listing.More };
            foreach (var room in listing.Rooms)
            {
                listed.Listing.Rooms.Add(new Wire.ListedRoom { Room = room.Room, Count = room.Count, Seq = room.Seq });
            }
        }

        return listed;
    }

    private static RoomsListedLink Decode(Wire.RoomsListed message)
    {
        if (message.Listing is null)
            return new RoomsListedLink(message.Request, null);
        var rooms = new ListedRoom[message.Listing.Rooms.Count];
        for (var i = 0; i < rooms.Length; i++)
        {
            var room = message.Listing.Rooms[i];
            rooms[i] = new ListedRoom(room.Room, room.Count, room.Seq);
        }

        return new RoomsListedLink(message.Request, new RoomListing(rooms, message.Listing.More));
    }
}
