using System.Threading.Channels;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>
/// Makes one state of the two connections with a peer and tells of its changes. Both must stand for
/// <see cref="LinkState.Connected"/>, so a network that works in one direction only looks alike from both sides.
/// </summary>
/// <param name="peer">The peer's <see cref="ClusterNode.Id"/>.</param>
/// <param name="changes">Where to tell, in order.</param>
internal sealed class PeerState(string peer, ChannelWriter<PeerChange> changes)
{
    private readonly Lock _lock = new();
    private Outgoing _outgoing;
    private bool _incoming;
    private LinkState? _told;
    private bool _muted;

    private enum Outgoing
    {
        Unknown,
        Up,
        Down,
        Refused,
    }

    public void Dialled() => Change(Outgoing.Up, null);

    public void Broken() => Change(Outgoing.Down, null);

    public void Refused() => Change(Outgoing.Refused, null);

    public void IncomingUp() => Change(null, true);

    public void IncomingDown() => Change(null, false);

    /// <summary>Tells nothing from now on: nobody asks for this peer any more.</summary>
    public void Mute()
    {
        lock (_lock)
        {
            _muted = true;
        }
    }

    private void Change(Outgoing? outgoing, bool? incoming)
    {
        lock (_lock)
        {
            _outgoing = outgoing ?? _outgoing;
            _incoming = incoming ?? _incoming;
            if (Judge() is not { } state || state == _told || _muted)
                return;
            _told = state;
            changes.TryWrite(new PeerChange(peer, state));
        }
    }

    private LinkState? Judge() => _outgoing switch
    {
        Outgoing.Up when _incoming => LinkState.Connected,
        // Somebody is there after all, or one direction broke. Before anything was told, it only has not come yet.
        Outgoing.Up => _told is null ? null : LinkState.Lost,
        Outgoing.Refused => LinkState.Refused,
        Outgoing.Down => LinkState.Lost,
        _ => null,
    };
}

/// <summary>News of a peer.</summary>
internal readonly record struct PeerChange(string Peer, LinkState State);
