using Google.Protobuf;

namespace ClusterChat.Cluster.Links.Codec;

/// <summary>A room's state on its way to the next owner. Lines are not copied on the way out.</summary>
internal static class HandoverCodec
{
    public static Wire.Handover Encode(HandoverLink message)
    {
        var wire = new Wire.Handover { View = message.View, Room = message.Room };
        if (message.State is not { } state)
        {
            return wire;
        }

        wire.State = new Wire.HandedRoom { Log = state.Log, Epoch = state.Epoch, Head = state.Head };
        foreach (var handed in state.Events)
        {
            wire.State.Events.Add(new Wire.HandedEvent
            {
                Kind = handed.Kind,
                Author = handed.Author,
                Mid = handed.Mid,
                Ts = handed.Ts,
                Of = handed.Of,
                Line = UnsafeByteOperations.UnsafeWrap(handed.Line),
            });
        }

        foreach (var write in state.Writes)
        {
            wire.State.Writes.Add(new Wire.HandedWrite { Author = write.Author, Mid = write.Mid, Seq = write.Seq, Ts = write.Ts });
        }

        wire.State.Presence = state.Members is { } members ? Encode(members) : null;
        return wire;
    }

    public static HandoverLink Decode(Wire.Handover wire) => new(wire.View, wire.Room, wire.State is null ? null : Decode(wire.State));

    private static Wire.HandedPresence Encode(IReadOnlyList<HandedMembers> members)
    {
        var presence = new Wire.HandedPresence();
        foreach (var gateway in members)
        {
            var handed = new Wire.HandedMembers { Gateway = gateway.Gateway };
            foreach (var member in gateway.Members)
            {
                handed.Members.Add(ToRoomCodec.Encode(member));
            }

            presence.Gateways.Add(handed);
        }

        return presence;
    }

    private static RoomHandover Decode(Wire.HandedRoom wire) => new(
        wire.Log,
        wire.Epoch,
        wire.Head,
        [.. wire.Events.Select(e => new HandedEvent(e.Kind, e.Author, e.Mid, e.Ts, e.Of, e.Line.Memory))],
        [.. wire.Writes.Select(w => new HandedWrite(w.Author, w.Mid, w.Seq, w.Ts))],
        wire.Presence is null
            ? null
            : [.. wire.Presence.Gateways.Select(g => new HandedMembers(g.Gateway, [.. g.Members.Select(ToRoomCodec.Decode)]))]);
}
