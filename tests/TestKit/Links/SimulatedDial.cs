using ClusterChat.Cluster;

namespace ClusterChat.TestKit;

/// <summary>What came of a dial.</summary>
internal enum DialResult
{
    Connected,

    /// <summary>No answer in time, or an unfriendly one.</summary>
    Failed,

    /// <summary>Nobody listens there, or another start of the node does.</summary>
    Refused,
}

/// <summary>
/// One try to connect: there and back, with the preamble in the other process. A process that is gone refuses, one that is
/// paused leaves the dialler waiting.
/// </summary>
internal sealed class SimulatedDial(SimulatedLinks from, ClusterNode peer, bool isDialBack, Action<DialResult, SimulatedConnection?> done)
{
    private readonly SimulatedNetwork _network = from.Network;
    private SimulatedConnection? _accepted;
    private bool _isOver;

    private string Self => from.Self.Name;

    public void Begin()
    {
        _network.World.After(_network.Timeout, () => from.Process.Post(() => End(DialResult.Failed), "dial times out"));
        Travel(Self, peer.Name, Knock);
    }

    public void GiveUp() => _isOver = true;

    private void Knock()
    {
        if (_network.Find(peer.Name) is not { } listener || listener.Process.IsKilled)
            Travel(peer.Name, Self, () => from.Process.Post(() => End(DialResult.Refused), "dial is refused"));
        else
            listener.Process.Post(() => Greet(listener), "link is dialled");
    }

    private void Greet(SimulatedLinks listener)
    {
        if (_isOver)
            return;
        if (listener.Self.Id != peer.Id)
        {
            Travel(peer.Name, Self, () => from.Process.Post(() => End(DialResult.Refused), "dial finds another"));
            return;
        }

        _accepted = listener.Accept(from, isDialBack);
        Travel(peer.Name, Self, () => from.Process.Post(() => End(_accepted is null ? DialResult.Failed : DialResult.Connected), "dial is answered"));
    }

    private void End(DialResult result)
    {
        if (_isOver)
        {
            if (result == DialResult.Connected)
                _accepted?.Close();
            return;
        }

        _isOver = true;
        if (_accepted is { IsBroken: true })
            result = DialResult.Failed;
        if (result != DialResult.Connected)
            _accepted?.Close();
        done(result, result == DialResult.Connected ? _accepted : null);
    }

    // A handshake needs both directions.
    private void Travel(string start, string end, Action arrived) => _network.World.After(_network.Delay(), () =>
    {
        if (!_network.IsCutAnyWay(start, end))
            arrived();
    });
}
