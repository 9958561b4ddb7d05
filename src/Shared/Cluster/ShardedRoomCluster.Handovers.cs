using System.Collections.Concurrent;
using ClusterChat.Cluster.Links;

namespace ClusterChat.Cluster;

/// <content>
/// Rooms' states on their way to the next owner. A state is sent once, to the owner under the newest view that the sender
/// knows. A receiver that is behind keeps it until it knows that view; one that is ahead, and not the owner any more, passes it on
/// under its own view. Numbers of views only grow, so it ends somewhere, and there never are two of it.
/// </content>
public sealed partial class ShardedRoomCluster
{
    // Whom a room is not active on so long after the move, it is not active on. Every member knows a view in less.
    private static readonly TimeSpan AskWithin = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, string> _asked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LinkState> _unreached = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool Ask(string room)
    {
        var now = _now;
        if (now.Earlier.Of(room) is not { } earlier || _clock.GetElapsedTime(earlier.Timestamp) > AskWithin || _unreached.ContainsKey(earlier.Node.Id))
        {
            return false;
        }

        // The answer may be there before the call returns.
        _asked[room] = earlier.Node.Id;
        if (_links.Send(earlier.Node, new AskHandoverLink(now.View.Number, room)))
        {
            return true;
        }

        _asked.TryRemove(room, out _);
        return false;
    }

    /// <inheritdoc/>
    public HandoverResult HandOver(string room, RoomHandover? state)
    {
        var now = _now;
        return now.Map.OwnerOf(room) is not { } owner ? HandoverResult.Sent
            : owner.Id == _self.Id ? HandoverResult.Returned
            : _links.Send(owner, new HandoverLink(now.View.Number, room, state)) || state is null ? HandoverResult.Sent
            : HandoverResult.Full;
    }

    private void OnAsked(string peer, string room)
    {
        var now = _now;
        if (_region is { } region && now.Map.OwnerOf(room)?.Id == peer)
        {
            region.GiveUp(room);
        }
        else
        {
            Send(peer, new HandoverLink(now.View.Number, room, null));
        }
    }

    private void OnHandover(string peer, HandoverLink handover)
    {
        _asked.TryRemove(KeyValuePair.Create(handover.Room, peer));
        var now = _now;
        if (now.Map.OwnerOf(handover.Room) is not { } owner)
        {
            return;
        }

        if (owner.Id == _self.Id)
        {
            _region?.TakeOver(handover.Room, handover.State);
            if (!ReferenceEquals(now, _now))
            {
                KeepOwned();
            }
        }
        else if (handover.State is not null && handover.View < now.View.Number)
        {
            _links.Send(owner, handover with { View = now.View.Number });
        }
    }

    private void LinkChanged(string peer, LinkState state)
    {
        if (state == LinkState.Connected)
        {
            _unreached.TryRemove(peer, out _);
            return;
        }

        _unreached[peer] = state;
        foreach (var (room, asked) in _asked)
        {
            if (asked == peer && _asked.TryRemove(KeyValuePair.Create(room, asked)))
            {
                _region?.TakeOver(room, null);
            }
        }
    }
}
