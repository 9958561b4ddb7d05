using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Codec;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.TestKit;

/// <summary>One peer of a simulated node: the production's queue and state, and the dials, writes and time-outs around them.</summary>
internal sealed class SimulatedPeer
{
    private static readonly TimeSpan GoodConnection = TimeSpan.FromSeconds(1);

    private readonly SimulatedLinks _links;
    private readonly SimulatedNetwork _network;
    private readonly PeerState _state;
    private readonly FrameWriter _frames;
    private readonly List<LinkMessage> _batch = [];
    private SimulatedConnection? _outgoing;
    private SimulatedConnection? _incoming;
    private SimulatedDial? _dial;
    private ITimer? _pause;
    private int _attempt;
    private bool _isStopped;
    private bool _writes;

    public SimulatedPeer(SimulatedLinks links, ClusterNode node)
    {
        _links = links;
        _network = links.Network;
        Node = node;
        Queue = new PeerQueue(_network.Options, links.Metrics, links.Process.Clock);
        _state = links.NewState(node.Id);
        _frames = new FrameWriter(links.Self.Id, _network.Options.MaxFrameBytes);
    }

    public ClusterNode Node { get; }

    public PeerQueue Queue { get; }

    /// <summary>This node asks for it by itself.</summary>
    public bool IsWanted { get; set; }

    public bool Offer(LinkMessage message)
    {
        var taken = Queue.Offer(message);
        WriteSoon();
        return taken;
    }

    public void Dial()
    {
        _pause?.Dispose();
        _pause = null;
        if (_isStopped || _dial is not null || _outgoing is not null)
            return;
        _dial = new SimulatedDial(_links, Node, isDialBack: !IsWanted, OnDialled);
        _dial.Begin();
    }

    /// <summary>The peer has connected; what it brought before must not be delivered after what comes now.</summary>
    public void Accept(SimulatedConnection connection)
    {
        if (_incoming is { } previous)
        {
            _incoming = null;
            _state.IncomingDown();
            previous.Abort();
        }

        _incoming = connection;
        connection.ToEnded = () => OnIncomingEnded(connection);
        if (_pause is not null)
            Dial();
        _state.IncomingUp();
        _links.TellChanges();
    }

    public void Stop()
    {
        _isStopped = true;
        _state.Mute();
        Queue.Complete();
        _pause?.Dispose();
        _dial?.GiveUp();
        if (_outgoing is { } outgoing)
        {
            while (Take())
                outgoing.Write(Frame());
            _outgoing = null;
            outgoing.Close();
        }

        var incoming = _incoming;
        _incoming = null;
        incoming?.Abort();
    }

    private void OnDialled(DialResult result, SimulatedConnection? connection)
    {
        _dial = null;
        if (_isStopped)
        {
            connection?.Close();
            return;
        }

        if (connection is null)
        {
            if (result == DialResult.Refused)
                _state.Refused();
            else
                _state.Broken();
            DialLater();
        }
        else
        {
            _outgoing = connection;
            connection.FromEnded = () => OnOutgoingEnded(connection);
            connection.Drained = WriteSoon;
            _state.Dialled();
            WriteSoon();
        }

        _links.TellChanges();
    }

    private void OnOutgoingEnded(SimulatedConnection connection)
    {
        if (_outgoing != connection)
            return;
        _outgoing = null;
        _state.Broken();
        _links.TellChanges();
        if (_network.World.Clock.Elapsed - connection.OpenedAt > GoodConnection)
        {
            _attempt = 0;
            Dial();
        }
        else
        {
            DialLater();
        }
    }

    private void OnIncomingEnded(SimulatedConnection connection)
    {
        if (_incoming != connection)
            return;
        _incoming = null;
        _state.IncomingDown();
        _links.TellChanges();
        if (!_isStopped && !IsWanted)
            _links.LetGo(this);
    }

    private void DialLater()
    {
        var pause = _network.Options.FirstBackoff * Math.Pow(2, Math.Min(_attempt++, 16));
        if (pause > _network.Options.MaxBackoff)
            pause = _network.Options.MaxBackoff;
        _pause?.Dispose();
        _pause = _links.Process.Clock.CreateTimer(_ => Dial(), null, pause, Timeout.InfiniteTimeSpan);
    }

    private void WriteSoon()
    {
        if (_outgoing is null || _writes || _isStopped)
            return;
        _writes = true;
        _links.Process.Post(Write, "link writes");
    }

    private void Write()
    {
        _writes = false;
        while (_outgoing is { IsFull: false } connection && !_isStopped && Take())
        {
            connection.Write(Frame());
            if (connection.FullSince is { } since)
                GiveUpWhenStillFull(connection, since);
        }
    }

    private bool Take()
    {
        Queue.Take(_batch, _network.Options.BatchBytes, out _);
        return _batch.Count > 0;
    }

    private byte[] Frame()
    {
        foreach (var message in _batch)
            _frames.Add(message);
        _frames.EndFrame();
        _batch.Clear();
        var frame = _frames.Written.ToArray();
        _frames.Clear();
        return frame;
    }

    private void GiveUpWhenStillFull(SimulatedConnection connection, TimeSpan since)
        => _links.Process.Clock.CreateTimer(
            _ =>
            {
                if (connection.FullSince == since)
                    connection.Break(losing: true);
            },
            null,
            _network.Options.WriteTimeout,
            Timeout.InfiniteTimeSpan);
}
