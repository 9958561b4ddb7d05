using Akka.Actor;
using Akka.Remote.Transport;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>
/// What lies between the nodes: connections with seeded delays, in order in each direction, and cuts. It is like TCP over a network that
/// loses packets: what is sent over a cut arrives after it is healed, unless the connection was given up meanwhile.
/// </summary>
internal sealed class SimNetwork(SimWorld world)
{
    // When Linux sends a connection's first packet again.
    private static readonly TimeSpan[] Attempts = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(7)];

    private readonly Dictionary<Address, SimTransport> _listening = [];
    private readonly HashSet<(string From, string To)> _cuts = [];
    private readonly List<SimHandle> _open = [];

    /// <summary>The shortest way.</summary>
    public TimeSpan MinDelay { get; set; } = TimeSpan.FromMicroseconds(100);

    /// <summary>The longest way.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How long a dial waits for an answer: akka.remote.dot-netty.tcp.connection-timeout.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How many frames were sent.</summary>
    public long Frames { get; private set; }

    /// <summary>Nothing gets from one host to another; the other way may be open.</summary>
    public void Cut(string from, string to) => _cuts.Add((from, to));

    /// <summary>Nothing gets through between two hosts.</summary>
    public void CutBoth(string one, string other)
    {
        Cut(one, other);
        Cut(other, one);
    }

    /// <summary>Whether nothing gets from one host to another.</summary>
    public bool IsCut(string from, string to) => _cuts.Contains((from, to));

    /// <summary>Opens one direction; what waits there arrives.</summary>
    public void Heal(string from, string to)
    {
        if (!_cuts.Remove((from, to)))
            return;
        foreach (var handle in _open.Where(h => h.Peer.Node.Name == from && h.Node.Name == to))
        {
            for (; handle.Overdue > 0; handle.Overdue--)
                ScheduleArrival(handle);
        }
    }

    /// <summary>Opens both directions.</summary>
    public void HealBoth(string one, string other)
    {
        Heal(one, other);
        Heal(other, one);
    }

    /// <summary>Opens everything.</summary>
    public void HealAll()
    {
        foreach (var (from, to) in _cuts.OrderBy(c => c.From, StringComparer.Ordinal).ThenBy(c => c.To, StringComparer.Ordinal).ToList())
            Heal(from, to);
    }

    /// <summary>What a bare dial comes to, as a probe sees it: a paused process is connected (its kernel answers), a dead one refuses.</summary>
    /// <param name="from">Who dials.</param>
    /// <param name="to">Where somebody should listen.</param>
    /// <param name="timeout">After this it is <see cref="SimDial.Silent"/>.</param>
    public Task<SimDial> ProbeAsync(SimNode from, Address to, TimeSpan timeout)
    {
        var outcome = new TaskCompletionSource<SimDial>();
        Dial(from, to, timeout, (dial, _) => outcome.TrySetResult(dial));
        return outcome.Task;
    }

    internal void Listen(SimTransport transport) => _listening[transport.Local] = transport;

    internal Task<AssociationHandle> AssociateAsync(SimTransport from, Address to)
    {
        var promise = new TaskCompletionSource<AssociationHandle>();
        Dial(from.Node, to, ConnectTimeout, (dial, remote) =>
        {
            if (dial != SimDial.Connected)
                promise.TrySetException(new InvalidAssociationException($"{to}: {dial}"));
            else
                promise.TrySetResult(Connect(from, remote!));
        });
        return promise.Task;
    }

    internal void Send(SimHandle to, IHandleEvent what)
    {
        Frames++;
        to.OnWay.Enqueue(what);
        ScheduleArrival(to);
    }

    /// <summary>What a process that is gone leaves: its kernel ends its connections, after what it sent before.</summary>
    internal void End(SimNode node)
    {
        foreach (var handle in _open.Where(h => h.Node == node).ToList())
            handle.Close();
        foreach (var address in _listening.Where(l => l.Value.Node == node).Select(l => l.Key).ToList())
            _listening.Remove(address);
    }

    internal void End(SimTransport transport)
    {
        foreach (var handle in _open.Where(h => h.Transport == transport).ToList())
            handle.Close();
        if (_listening.TryGetValue(transport.Local, out var listening) && listening == transport)
            _listening.Remove(transport.Local);
    }

    /// <summary>An end that hears nothing any more.</summary>
    internal void Forget(SimHandle handle) => _open.Remove(handle);

    private void Dial(SimNode from, Address to, TimeSpan timeout, Action<SimDial, SimTransport?> done)
    {
        var isAnswered = false;
        foreach (var attempt in Attempts.Where(a => a < timeout))
            world.After(attempt + Delay(), Try);
        InNode(timeout, () =>
        {
            if (!isAnswered)
                done(SimDial.Silent, null);
            isAnswered = true;
        });

        void Try()
        {
            if (isAnswered || IsCut(from.Name, to.Host) || IsCut(to.Host, from.Name))
                return;
            isAnswered = true;
            var remote = _listening.GetValueOrDefault(to);
            // It may have gone while its answer was on the way.
            InNode(Delay(), () => done(remote is { Node.IsKilled: false } ? SimDial.Connected : SimDial.Refused, remote));
        }

        void InNode(TimeSpan after, Action action) => world.Arm(new SimTimer(world, from, action), after);
    }

    private SimHandle Connect(SimTransport from, SimTransport to)
    {
        var near = new SimHandle(this, from, to.Local);
        var far = new SimHandle(this, to, from.Local);
        (near.Peer, far.Peer) = (far, near);
        _open.Add(near);
        _open.Add(far);
        to.Node.Schedule(() => to.Associated(far));
        return near;
    }

    /// <summary>In order, as a stream: no arrival before the one before it. Each takes the oldest frame that is on the way.</summary>
    private void ScheduleArrival(SimHandle to)
    {
        to.LastArrival = Math.Max(to.LastArrival + 1, world.Ticks + Delay().Ticks);
        world.After(TimeSpan.FromTicks(to.LastArrival - world.Ticks), () =>
        {
            if (IsCut(to.Peer.Node.Name, to.Node.Name))
                to.Overdue++;
            else if (to.OnWay.TryDequeue(out var frame))
                to.Arrive(frame);
        });
    }

    private TimeSpan Delay() => world.Between(MinDelay, MaxDelay);
}
