using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Rooms;

/// <summary>
/// What this node keeps of rooms that stopped elsewhere, in case that their next activation is here: for some seconds, and no more than so many
/// bytes. Any thread.
/// </summary>
internal sealed class RoomKeeper(RoomOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kept> _rooms = new(StringComparer.Ordinal);
    private readonly Queue<(string Room, long Number, long Since)> _order = [];
    private long _bytes;
    private long _last;

    /// <summary>Keeps a state, or that there is none any more. What is known of a later activation stays.</summary>
    public void Keep(string room, RoomHandover state)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            Prune(now);
            if (_rooms.TryGetValue(room, out var known))
            {
                if (known.State.Epoch > state.Epoch)
                {
                    return;
                }

                Remove(room, known);
            }

            var kept = new Kept(++_last, state, Bytes(state));
            if (kept.Bytes > options.KeptBytes)
            {
                return;
            }

            _rooms.Add(room, kept);
            _order.Enqueue((room, kept.Number, now));
            _bytes += kept.Bytes;
            Prune(now);
        }
    }

    /// <summary>Takes what is kept of a room; null for nothing.</summary>
    public RoomHandover? Take(string room)
    {
        lock (_gate)
        {
            Prune(clock.GetTimestamp());
            if (!_rooms.TryGetValue(room, out var kept) || kept.State.IsNothing)
            {
                return null;
            }

            Remove(room, kept);
            return kept.State;
        }
    }

    private void Prune(long now)
    {
        while (_order.TryPeek(out var oldest) && (_bytes > options.KeptBytes || clock.GetElapsedTime(oldest.Since, now) > options.KeptFor))
        {
            _order.Dequeue();
            if (_rooms.TryGetValue(oldest.Room, out var kept) && kept.Number == oldest.Number)
            {
                Remove(oldest.Room, kept);
            }
        }
    }

    private void Remove(string room, Kept kept)
    {
        _rooms.Remove(room);
        _bytes -= kept.Bytes;
    }

    private static long Bytes(RoomHandover state)
        => 256 + state.Events.Sum(e => e.Line.Length + 128L) + (state.Writes.Count * 128L) + (state.Members?.Sum(m => m.Members.Count * 64L) ?? 0) + (state.Held.Count * 64L);

    private sealed record Kept(long Number, RoomHandover State, long Bytes);
}
