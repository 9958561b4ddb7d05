using Akka.Actor;
using Akka.Cluster.Sharding;
using ClusterChat.Cluster;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.TestKit;

/// <summary>
/// A node's shard region, with a shard for each room: it passes messages to where it believes a room to be, keeps them while it does not know, and
/// runs the actors of the rooms that are here. What it believes comes from <see cref="ModelHomes"/>, which may say it late, out of step, or
/// to two regions at once.
/// </summary>
/// <param name="self">The node.</param>
/// <param name="homes">Who knows where rooms are.</param>
/// <param name="entity">How to make a room's actor; null where no room is ever here.</param>
internal sealed class ModelRegion(ModelNode self, ModelHomes homes, Func<string, Props>? entity) : UntypedActor, IWithTimers
{
    // Akka's default is 100,000 for all shards; a small one is met.
    private const int MaxBuffered = 500;
    private const int MaxHops = 4;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, (long Version, ModelNode? Home)> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entity> _entities = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<Waiting>> _buffers = new(StringComparer.Ordinal);
    private TaskCompletionSource? _leaves;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(AskAgain.Instance, AskAgain.Instance, RetryInterval);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToRoom:
                Route(new Waiting(message, Sender, 0));
                break;
            case Routed routed:
                Route(new Waiting(routed.Message, Sender, routed.Hops));
                break;
            case Passivate passivate:
                OnPassivate(passivate);
                break;
            case Terminated terminated:
                OnStopped(terminated.ActorRef);
                break;
            case HomeIs home when Learn(home.Room, home.Version, home.Home):
                Flush(home.Room);
                break;
            case HomeGone gone:
                Learn(gone.Room, gone.Version, null);
                break;
            case HandOff handOff:
                OnHandOff(handOff);
                break;
            case StopSuddenly stop when _entities.TryGetValue(stop.Room, out var running):
                running.Buffer ??= [];
                Context.Stop(running.Actor);
                break;
            case NodeRemoved removed:
                OnRemoved(removed.Node);
                break;
            case AskAgain:
                foreach (var room in _buffers.Keys)
                {
                    homes.Ask(self, room);
                }

                break;
            case LeaveRegion leave:
                Leave(leave.Done);
                break;
        }
    }

    private bool Learn(string room, long version, ModelNode? home)
    {
        var isNews = version > _known.GetValueOrDefault(room).Version;
        if (isNews)
        {
            _known[room] = (version, home);
        }

        return isNews;
    }

    private void Route(Waiting waiting)
    {
        var room = ((ToRoom)waiting.Message).Room;
        var home = _known.GetValueOrDefault(room).Home;
        if (home == self && entity is not null)
        {
            Deliver(room, waiting);
        }
        else if (home is not null && home != self)
        {
            if (waiting.Hops < MaxHops)
            {
                self.RefTo(home, home.Region).Tell(new Routed(waiting.Message, waiting.Hops + 1), waiting.Sender);
            }
        }
        else
        {
            Keep(room, waiting);
        }
    }

    private void Keep(string room, Waiting waiting)
    {
        if (!_buffers.TryGetValue(room, out var buffer))
        {
            _buffers.Add(room, buffer = []);
            homes.Ask(self, room);
        }

        if (buffer.Count < MaxBuffered)
        {
            buffer.Add(waiting);
        }
    }

    private void Flush(string room)
    {
        if (_buffers.Remove(room, out var buffer))
        {
            buffer.ForEach(Route);
        }
    }

    private void Deliver(string room, Waiting waiting)
    {
        if (!_entities.TryGetValue(room, out var running))
        {
            var actor = Context.ActorOf(entity!(room), Uri.EscapeDataString(room));
            Context.Watch(actor);
            _entities.Add(room, running = new Entity(room, actor));
        }

        if (running.Buffer is not { } buffer)
        {
            running.Actor.Tell(waiting.Message, waiting.Sender);
        }
        else if (buffer.Count < MaxBuffered)
        {
            buffer.Add(waiting);
        }
    }

    private void OnPassivate(Passivate passivate)
    {
        if (Of(Sender) is { Buffer: null } running)
        {
            running.Buffer = [];
            running.Actor.Tell(passivate.StopMessage, Self);
        }
    }

    private void OnHandOff(HandOff handOff)
    {
        Learn(handOff.Room, handOff.Version, null);

        // Akka drops them too: they could else come behind what other regions have passed on meanwhile.
        _buffers.Remove(handOff.Room);
        if (_entities.TryGetValue(handOff.Room, out var running))
        {
            running.Buffer = [];
            running.Actor.Tell(StopRoom.Instance, Self);
        }
        else
        {
            homes.OnStopped(self, handOff.Room);
            EndIfEmpty();
        }
    }

    private void OnStopped(IActorRef actor)
    {
        if (Of(actor) is not { } stopped)
        {
            return;
        }

        _entities.Remove(stopped.Room);
        homes.OnStopped(self, stopped.Room);
        stopped.Buffer?.ForEach(Route);
        EndIfEmpty();
    }

    private void OnRemoved(ModelNode node)
    {
        foreach (var (room, known) in _known.Where(k => k.Value.Home == node).ToList())
        {
            _known[room] = (known.Version, null);
        }
    }

    private void Leave(TaskCompletionSource done)
    {
        _leaves = done;
        homes.Leave(self);
        var rooms = _known.Where(k => k.Value.Home == self).Select(k => k.Key).Union(_entities.Keys, StringComparer.Ordinal);
        foreach (var room in rooms.Where(r => !homes.IsHome(self, r)).ToList())
        {
            // Nobody else knows that it is here.
            OnHandOff(new HandOff(room, _known.GetValueOrDefault(room).Version + 1));
        }

        EndIfEmpty();
    }

    private void EndIfEmpty()
    {
        if (_entities.Count == 0 && _known.Values.All(k => k.Home != self))
        {
            _leaves?.TrySetResult();
        }
    }

    private Entity? Of(IActorRef actor) => _entities.Values.FirstOrDefault(e => e.Actor.Equals(actor));

    private readonly record struct Waiting(object Message, IActorRef Sender, int Hops);

    private sealed class Entity(string room, IActorRef actor)
    {
        public string Room => room;

        public IActorRef Actor => actor;

        /// <summary>What came since it was told to stop; null while it runs.</summary>
        public List<Waiting>? Buffer { get; set; }
    }
}
