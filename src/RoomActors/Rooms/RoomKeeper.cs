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

    /// <summary>Keeps a state, or that older ones are to be forgotten. What is known of a later activation stays.</summary>
    /// <returns>False: they were not forgotten, as one of them was taken here, or there is something of a later activation.</returns>
    public bool Keep(string room, RoomHandover state)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            Prune(now);
            if (_rooms.TryGetValue(room, out var known))
            {
                if (known.State.Epoch > state.Epoch || (known.IsTaken && state.IsNothing && known.State.Epoch == state.Epoch))
                {
                    return !state.IsNothing;
                }

                Remove(room, known);
            }

            Add(room, new Kept(++_last, state, Bytes(state)), now);
            return true;
        }
    }

    /// <summary>Takes what is kept of a room; null for nothing.</summary>
    /// <param name="room">The room.</param>
    /// <param name="alone">Nobody else may go on with it: from now on <see cref="Keep"/> says so.</param>
    public RoomHandover? Take(string room, bool alone)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            Prune(now);
            if (!_rooms.TryGetValue(room, out var kept) || kept.State.IsNothing)
            {
                return null;
            }

            Remove(room, kept);
            if (alone)
            {
                var nothing = RoomHandover.Nothing(kept.State.Epoch + 1);
                Add(room, new Kept(++_last, nothing, Bytes(nothing), IsTaken: true), now);
            }

            return kept.State;
        }
    }

    private void Add(string room, Kept kept, long now)
    {
        if (kept.Bytes <= options.KeptBytes)
        {
            _rooms.Add(room, kept);
            _order.Enqueue((room, kept.Number, now));
            _bytes += kept.Bytes;
            Prune(now);
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

    private sealed record Kept(long Number, RoomHandover State, long Bytes, bool IsTaken = false);
}
