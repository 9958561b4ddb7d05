using System.Collections.Concurrent;
using Akka.Actor;

namespace ClusterChat.Cluster.Engine;

/// <summary>
/// The ways from this node's gateway to the rooms that it has streams to. A stream is opened through the shard region; what
/// follows on it is told to the room itself.
/// </summary>
/// <remarks>
/// The two ways keep no order between them: through the region a message passes two or three mailboxes more. A question that comes before
/// the opening of its stream would end that stream, and a leave that overtakes a join would leave a member behind that nobody takes out.
/// So what follows waits here until the room has answered the opening. It is no more than what the subscription keeps until it is
/// answered, and goes with the stream: on the next one all of it is sent again.
/// </remarks>
internal sealed class RoomWays
{
    private readonly ConcurrentDictionary<string, Way> _ways = new(StringComparer.Ordinal);

    /// <summary>How many streams are open, or being opened.</summary>
    public int Count => _ways.Count;

    /// <summary>Sends a message on its way. One thread at a time for each room.</summary>
    /// <param name="message">The message.</param>
    /// <param name="region">The shard region of rooms, or its proxy.</param>
    /// <param name="sender">Who sends it.</param>
    public void Tell(ToRoom message, IActorRef? region, IActorRef? sender)
    {
        if (message is Subscribe)
        {
            _ways[message.Room] = new Way(message.Stream);
            region?.Tell(message, sender);
        }
        else if (_ways.TryGetValue(message.Room, out var way) && way.Stream == message.Stream)
        {
            if (message is not Unsubscribe)
            {
                way.Tell(message, sender);
            }
            else if (_ways.TryRemove(KeyValuePair.Create(message.Room, way)))
            {
                // Where the opening is not answered yet it is still on its way, and this has to come behind it.
                (way.Room ?? region)?.Tell(message, sender);
            }
        }
    }

    /// <summary>A room has opened a stream.</summary>
    /// <returns>False: nobody needs it any more.</returns>
    public bool Opened(Subscribed subscribed, IActorRef room, IActorRef? sender)
    {
        if (!_ways.TryGetValue(subscribed.Room, out var way) || way.Stream != subscribed.Stream)
        {
            return false;
        }

        way.Open(room, sender);
        return true;
    }

    /// <summary>A room has ended a stream, or refused to open it.</summary>
    public void Ended(StreamEnded ended)
    {
        if (_ways.TryGetValue(ended.Room, out var way) && way.Stream == ended.Stream)
        {
            _ways.TryRemove(KeyValuePair.Create(ended.Room, way));
        }
    }

    /// <summary>A node is gone, and the rooms on it.</summary>
    /// <returns>The rooms to which there were streams.</returns>
    public HashSet<string> Lose(Address node)
    {
        var lost = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pair in _ways)
        {
            if (pair.Value.Room is { } room && room.Path.Address.Equals(node) && _ways.TryRemove(pair))
            {
                lost.Add(pair.Key);
            }
        }

        return lost;
    }

    private sealed class Way(long stream)
    {
        private readonly Lock _gate = new();
        private List<ToRoom>? _waiting;
        private volatile IActorRef? _room;

        public long Stream => stream;

        /// <summary>Null until the room has answered.</summary>
        public IActorRef? Room => _room;

        public void Tell(ToRoom message, IActorRef? sender)
        {
            if (_room is { } room)
            {
                room.Tell(message, sender);
                return;
            }

            lock (_gate)
            {
                if (_room is { } opened)
                {
                    opened.Tell(message, sender);
                }
                else if (message is not Typing)
                {
                    (_waiting ??= []).Add(message);
                }
            }
        }

        public void Open(IActorRef room, IActorRef? sender)
        {
            lock (_gate)
            {
                foreach (var message in _waiting ?? [])
                {
                    room.Tell(message, sender);
                }

                // Last: who sees it needs no lock.
                _waiting = null;
                _room = room;
            }
        }
    }
}
