using Akka.Actor;
using Akka.Cluster.Sharding;
using ClusterChat.Cluster;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.RoomActors.Tests;

/// <summary>
/// A shard region with all of its shards, as far as rooms notice: it starts a room with the first message for it, lets it passivate without losing a
/// message, starts it again where it fails, and hands it off. What the way to the rooms does not send to one that is not active
/// activates none here.
/// </summary>
internal sealed class TestRegion(Func<string, Props> entity) : UntypedActor
{
    private readonly Dictionary<string, IActorRef> _rooms = new(StringComparer.Ordinal);

    // What came for a room that passivates.
    private readonly Dictionary<string, List<(ToRoom Message, IActorRef Sender)>> _buffers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _handedOff = new(StringComparer.Ordinal);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToRoom toRoom:
                Deliver(toRoom, Sender);
                break;
            case Passivate passivate:
                if (_rooms.FirstOrDefault(r => r.Value.Equals(Sender)).Key is { } asking)
                {
                    OnPassivate(asking, passivate.StopMessage);
                }

                break;
            case LetRest rest:
                OnPassivate(rest.Room, StopRoom.Resting);
                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            case HandOff:
                foreach (var (name, active) in _rooms.OrderBy(r => r.Key, StringComparer.Ordinal))
                {
                    _handedOff.Add(name);
                    active.Tell(StopRoom.Instance, Self);
                }

                break;
        }
    }

    private void Deliver(ToRoom message, IActorRef sender)
    {
        if (_handedOff.Contains(message.Room))
        {
            return;
        }

        if (_buffers.TryGetValue(message.Room, out var buffer))
        {
            buffer.Add((message, sender));
            return;
        }

        if (!_rooms.TryGetValue(message.Room, out var room))
        {
            if (message is Unsubscribe or Leave or Typing)
            {
                return;
            }

            room = Context.ActorOf(entity(message.Room), Uri.EscapeDataString(message.Room));
            Context.Watch(room);
            _rooms.Add(message.Room, room);
        }

        room.Tell(message, sender);
    }

    private void OnPassivate(string room, object stopMessage)
    {
        // As a shard does: once, and not while it hands off.
        if (!_handedOff.Contains(room) && _buffers.TryAdd(room, []))
        {
            _rooms[room].Tell(stopMessage, Self);
        }
    }

    private void OnTerminated(IActorRef actor)
    {
        var room = _rooms.First(r => r.Value.Equals(actor)).Key;
        _rooms.Remove(room);
        _handedOff.Remove(room);
        if (_buffers.Remove(room, out var buffer))
        {
            foreach (var (message, sender) in buffer)
            {
                Deliver(message, sender);
            }
        }
    }
}

/// <summary>All rooms of a region move away.</summary>
internal sealed record HandOff
{
    public static HandOff Instance { get; } = new();
}

/// <summary>A room is to rest, as if it had asked for that.</summary>
internal sealed record LetRest(string Room);
