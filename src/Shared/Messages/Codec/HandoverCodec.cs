using System.Runtime.Serialization;
using ClusterChat.Cluster;
using Google.Protobuf;

namespace ClusterChat.Messages.Codec;

/// <summary>
/// A room's state on its way to who keeps it. Each line that comes gets an array of its own, and not a slice of the body: the
/// room keeps some lines for long, and one of them would hold them all.
/// </summary>
internal static class HandoverCodec
{
    public static Wire.KeepRoom Encode(KeepRoom m)
    {
        var state = m.State;
        var wire = new Wire.HandedRoom { Log = state.Log, Epoch = state.Epoch, Head = state.Head };
        wire.Events.Capacity = state.Events.Count;
        foreach (var handed in state.Events)
        {
            wire.Events.Add(new Wire.HandedEvent
            {
                Kind = handed.Kind,
                Author = handed.Author,
                Mid = handed.Mid,
                Ts = handed.Ts,
                Of = handed.Of,
                Line = UnsafeByteOperations.UnsafeWrap(handed.Line),
            });
        }

        wire.Writes.Capacity = state.Writes.Count;
        foreach (var write in state.Writes)
        {
            wire.Writes.Add(new Wire.HandedWrite { Author = write.Author, Mid = write.Mid, Seq = write.Seq, Ts = write.Ts });
        }

        wire.Presence = state.Members is { } members ? Encode(members) : null;
        foreach (var held in state.Held)
        {
            wire.Held.Add(new Wire.HeldName { User = held.User, Name = held.Name, LeftMs = held.LeftMs });
        }

        return new Wire.KeepRoom { Request = m.Request, Room = m.Room, State = wire };
    }

    /// <exception cref="SerializationException">There is no state in it.</exception>
    public static KeepRoom Decode(Wire.KeepRoom wire) => new(
        wire.Request, wire.Room, Decode(wire.State ?? throw new SerializationException("There is nothing to keep.")));

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
            : [.. wire.Presence.Gateways.Select(g => new HandedMembers(g.Gateway, [.. g.Members.Select(ToRoomCodec.Decode)]))],
        [.. wire.Held.Select(h => new HeldName(h.User, h.Name, h.LeftMs))]);
}
