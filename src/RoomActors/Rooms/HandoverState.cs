using System.Collections.Immutable;
using ClusterChat.Cluster;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>Makes of a room's state what its next owner gets, and the other way round. No clock, no I/O.</summary>
internal static class HandoverState
{
    // About what the strings and numbers of an entry come to, besides lines.
    private const int EntryBytes = 64;

    /// <summary>What fits: first who is there, then whose names are held, then the newest events, then the newest ids of writes before them.</summary>
    public static RoomHandover Pack(
        RoomState state, long epoch, RoomPresence presence, ImmutableArray<string> gateways, IReadOnlyList<HeldName> held, int maxBytes)
    {
        var left = maxBytes;
        IReadOnlyList<HandedMembers>? members = null;
        if ((long)(presence.Count + gateways.Length) * EntryBytes <= maxBytes / 2)
        {
            members = presence.ByGateway(gateways);
            left -= members.Sum(g => (g.Members.Count + 1) * EntryBytes);
        }

        held = [.. held.TakeLast(maxBytes / 4 / EntryBytes)];
        left -= held.Count * EntryBytes;

        var events = new List<HandedEvent>();
        foreach (var e in state.Tail.Reverse())
        {
            left -= e.Line.Length + EntryBytes;
            if (left < 0)
            {
                break;
            }

            events.Add(new HandedEvent((int)e.Kind, e.Author, e.Mid, e.Ts, e.Of, e.Line));
        }

        events.Reverse();
        var writes = new List<HandedWrite>();
        foreach (var (key, at) in state.Writes.Reverse().Where(w => w.At.Seq <= state.Head - events.Count))
        {
            left -= EntryBytes;
            if (left < 0)
            {
                break;
            }

            writes.Add(new HandedWrite(key.Author, key.Mid, at.Seq, at.Ts));
        }

        writes.Reverse();
        return new RoomHandover(state.Log, epoch, state.Head, events, writes, members, held);
    }

    /// <summary>Whether a state may be used for a room that its journal has opened.</summary>
    public static bool Fits(RoomHandover handover, OpenedRoom opened)
        => handover.Log == opened.Log && handover.Head == opened.Head && handover.Events.Count <= handover.Head;

    public static IReadOnlyList<StoredEvent> Tail(RoomHandover handover)
    {
        var seq = handover.Head - handover.Events.Count;
        return [.. handover.Events.Select(e => new StoredEvent(++seq, (EventKind)e.Kind, e.Author, e.Mid, e.Ts, e.Of, e.Line))];
    }
}
