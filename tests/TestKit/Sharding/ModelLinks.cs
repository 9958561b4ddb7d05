using Akka.Actor;

namespace ClusterChat.TestKit;

/// <summary>
/// The links between nodes, as associations of Akka.Remote are: in order in each direction, at most once, and silent where the network is
/// cut. What waits for a cut to end arrives after a short one, and is lost with a long one. Every message goes through the production's serializer.
/// </summary>
/// <param name="simulation">The world.</param>
/// <param name="delays">How long a message takes.</param>
/// <param name="silence">How long an association lasts over which nothing comes through.</param>
internal sealed class ModelLinks(Simulation simulation, WireDelays delays, TimeSpan silence)
{
    private readonly Dictionary<(ModelNode From, ModelNode To), Direction> _directions = [];
    private readonly Dictionary<(string From, string To), TimeSpan> _cuts = [];

    /// <summary>Sends a message. What refers to actors arrives as references over the links of the receiving node.</summary>
    /// <param name="from">The node that tells.</param>
    /// <param name="to">The node of the actor.</param>
    /// <param name="message">The message.</param>
    /// <param name="target">The actor.</param>
    /// <param name="sender">The sender, as the node that tells sees it; null for none.</param>
    public void Send(ModelNode from, ModelNode to, object message, IActorRef target, IActorRef? sender)
    {
        if (from.Process.IsKilled || from.HasForgotten(to))
        {
            return;
        }

        var (hops, body) = message is Routed routed ? (routed.Hops, routed.Message) : (0, message);
        var (manifest, bytes) = (from.Serializer.Manifest(body), from.Serializer.ToBinary(body));
        if (!_directions.TryGetValue((from, to), out var direction))
        {
            _directions.Add((from, to), direction = new Direction(simulation, delays, () => IsCut(from.Self.Name, to.Self.Name)));
        }

        direction.Send(() =>
        {
            if (!to.Process.IsKilled && !to.HasForgotten(from))
            {
                var arrived = to.Serializer.FromBinary(bytes, manifest);
                target.Tell(message is Routed ? new Routed(arrived, hops) : arrived, to.Localize(sender, from));
            }
        });
    }

    /// <summary>Nothing gets through from one node to another one, by name; the other direction works.</summary>
    public void CutOneWay(string from, string to) => _cuts.TryAdd((from, to), simulation.Clock.Elapsed);

    /// <summary>Undoes the cuts between two nodes.</summary>
    public void Heal(string a, string b)
    {
        foreach (var pair in new[] { (a, b), (b, a) })
        {
            if (_cuts.Remove(pair, out var since))
            {
                var isLost = simulation.Clock.Elapsed - since > silence;
                foreach (var direction in Between(pair))
                {
                    direction.GoOn(isLost);
                }
            }
        }
    }

    /// <summary>Whether nothing gets through in one of the directions.</summary>
    public bool IsCutAnyWay(string a, string b) => IsCut(a, b) || IsCut(b, a);

    /// <summary>The associations between two nodes break; what is on its way is lost, but for some of the first of it.</summary>
    public void Drop(string a, string b)
    {
        foreach (var direction in Between((a, b)).Concat(Between((b, a))))
        {
            direction.Break();
        }
    }

    /// <summary>A process is killed, and with it what it has not handed to the network yet.</summary>
    public void Kill(ModelNode node)
    {
        foreach (var direction in _directions.Where(d => d.Key.From == node).Select(d => d.Value))
        {
            direction.Break();
        }
    }

    private bool IsCut(string from, string to) => _cuts.ContainsKey((from, to));

    private List<Direction> Between((string From, string To) names)
        => [.. _directions.Where(d => d.Key.From.Self.Name == names.From && d.Key.To.Self.Name == names.To).Select(d => d.Value)];

    private sealed class Direction(Simulation simulation, WireDelays delays, Func<bool> isCut)
    {
        private readonly Queue<Item> _underway = [];
        private readonly List<Item> _held = [];
        private TimeSpan _last;

        public void Send(Action arrive)
        {
            _underway.Enqueue(new Item(arrive));
            var now = simulation.Clock.Elapsed;
            _last = TimeSpan.FromTicks(Math.Max(_last.Ticks, (now + delays.Next(simulation.Random)).Ticks));
            simulation.After(_last - now, Arrive);
        }

        public void Break()
        {
            foreach (var item in _underway.Skip(simulation.Random.Next(_underway.Count + 1)))
            {
                item.IsLost = true;
            }

            _held.Clear();
        }

        public void GoOn(bool isLost)
        {
            var held = _held.ToArray();
            _held.Clear();
            if (isLost)
            {
                Break();
                return;
            }

            foreach (var item in held)
            {
                item.Arrive();
            }
        }

        private void Arrive()
        {
            var item = _underway.Dequeue();
            if (item.IsLost)
            {
                return;
            }

            if (isCut())
            {
                _held.Add(item);
            }
            else
            {
                item.Arrive();
            }
        }

        private sealed class Item(Action arrive)
        {
            public bool IsLost { get; set; }

            public void Arrive() => arrive();
        }
    }
}
