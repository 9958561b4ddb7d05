using System.Buffers;
using ClusterChat.Cluster.Links.Codec;

namespace ClusterChat.TestKit;

/// <summary>
/// One connection from the node that dialled, which writes, to the one that accepted, which reads. Frames arrive in order.
/// Those on their way when it breaks are lost, but for a random number of the first ones.
/// </summary>
internal sealed class SimulatedConnection
{
    private readonly SimulatedNetwork _network;
    private readonly Queue<byte[]> _underway = new();
    private readonly Queue<byte[]?> _arrived = new();
    private TimeSpan _lastArrival;
    private int _held;
    private int _letThrough = int.MaxValue;
    private bool _fromHasEnded;
    private bool _toHasEnded;

    public SimulatedConnection(SimulatedNetwork network, SimulatedLinks from, SimulatedLinks to)
    {
        _network = network;
        (From, To) = (from, to);
        OpenedAt = network.World.Clock.Elapsed;
        network.Add(this);
    }

    public SimulatedLinks From { get; }

    public SimulatedLinks To { get; }

    public TimeSpan OpenedAt { get; }

    /// <summary>Told in the dialler's process: there is room again.</summary>
    public Action Drained { get; set; } = () => { };

    /// <summary>Told in the dialler's process, once.</summary>
    public Action FromEnded { get; set; } = () => { };

    /// <summary>Told in the accepter's process, once, after all that arrived.</summary>
    public Action ToEnded { get; set; } = () => { };

    /// <summary>The bytes that were written and not read.</summary>
    public int Bytes { get; private set; }

    public bool IsFull => Bytes >= _network.Window;

    /// <summary>Since when it has been full; null where it is not.</summary>
    public TimeSpan? FullSince { get; private set; }

    /// <summary>It is over, whether or not its ends have noticed.</summary>
    public bool IsBroken => _letThrough != int.MaxValue;

    private TimeSpan Now => _network.World.Clock.Elapsed;

    public bool Joins(string a, string b)
        => (From.Self.Name == a && To.Self.Name == b) || (From.Self.Name == b && To.Self.Name == a);

    public void Write(byte[] frame)
    {
        if (IsBroken)
            return;
        Bytes += frame.Length;
        FullSince ??= IsFull ? Now : null;
        _underway.Enqueue(frame);
        ScheduleArrival();
    }

    /// <summary>The cut is over: what was held up is sent again.</summary>
    public void GoOn()
    {
        if (_network.IsCut(From.Self.Name, To.Self.Name))
            return;
        for (; _held > 0; _held--)
            ScheduleArrival();
    }

    /// <summary>It is over; both ends find out, each by itself, and nothing that is written from now on arrives.</summary>
    /// <param name="losing">Whether what is on its way may be lost.</param>
    public void Break(bool losing)
    {
        if (IsBroken)
            return;
        _network.Remove(this);
        var isCut = _network.IsCutAnyWay(From.Self.Name, To.Self.Name);
        _letThrough = isCut ? 0 : losing && _underway.Count > 0 ? _network.World.Random.Next(_underway.Count + 1) : _underway.Count;
        for (; _held > 0; _held--)
            _underway.Dequeue();
        _network.World.After(_network.Delay(), () => From.Process.Post(EndFrom, "link ends"));
        var last = _lastArrival > Now ? _lastArrival - Now : TimeSpan.Zero;
        _network.World.After(last + _network.Delay(), () =>
        {
            _arrived.Enqueue(null);
            To.Process.Post(Read, "link ends");
        });
    }

    /// <summary>The dialler closes: what it has written still arrives.</summary>
    public void Close()
    {
        _fromHasEnded = true;
        Break(losing: false);
    }

    /// <summary>The accepter reads no more.</summary>
    public void Abort()
    {
        _toHasEnded = true;
        Break(losing: true);
    }

    private void ScheduleArrival()
    {
        var at = Now + _network.Delay();
        _lastArrival = at > _lastArrival ? at : _lastArrival;
        _network.World.After(_lastArrival - Now, Arrive);
    }

    private void Arrive()
    {
        if (!IsBroken && (_held > 0 || _network.IsCut(From.Self.Name, To.Self.Name)))
        {
            _held++;
            return;
        }

        if (!_underway.TryDequeue(out var frame) || _letThrough == 0)
            return;
        if (IsBroken)
            _letThrough--;
        _arrived.Enqueue(frame);
        To.Process.Post(Read, "link");
    }

    private void Read()
    {
        var frame = _arrived.Dequeue();
        if (frame is null)
            EndTo();
        if (frame is null || _toHasEnded)
            return;
        Bytes -= frame.Length;
        if (FullSince is not null && !IsFull)
        {
            FullSince = null;
            From.Process.Post(Drained, "link drains");
        }

        var buffer = new ReadOnlySequence<byte>(frame);
        while (FrameReader.TryRead(ref buffer, int.MaxValue, out var batch))
        {
            foreach (var envelope in batch.Envelopes)
                To.Receive(From.Self.Id, LinkCodec.Decode(envelope, From.Self.Id) ?? throw new InvalidDataException("an unknown message"));
        }
    }

    private void EndFrom()
    {
        if (!_fromHasEnded)
        {
            _fromHasEnded = true;
            FromEnded();
        }
    }

    private void EndTo()
    {
        if (!_toHasEnded)
        {
            _toHasEnded = true;
            ToEnded();
        }
    }
}
