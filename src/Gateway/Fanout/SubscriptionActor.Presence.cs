using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Fanout;

/// <content>
/// Who is in the room, as the clients here were told step by step. What changed while no stream was open nobody has told
/// them, and a new owner cannot know what they believe: on each new stream the list is asked for, and they are told the
/// difference.
/// </content>
internal sealed partial class SubscriptionActor
{
    // The longest list that a room gives at once; with more members nobody is told names.
    private const int MaxNames = 200;

    // What all live clients know; null where they are told the count alone.
    private HashSet<string>? _told;
    private int _toldCount;

    private void AskWhoIsThere()
    {
        if (_live.Count > 0 && !_asks.Values.Any(a => a.IsForMembers))
        {
            Send(null, (stream, request) => new ListMembers(Room, services.Cluster.Self, stream, request, string.Empty, MaxNames), isForMembers: true);
        }
    }

    private void OnMemberPage(Ask ask, MemberPage page)
    {
        if (ask.Call is ReadMembers read)
        {
            read.Client.OnMembers(read, page);
        }
        else
        {
            OnMembersKnown(page.More ? null : page.Names, page.Count);
        }
    }

    private void OnPresence(PresenceChanged presence)
    {
        if (presence is { Joined: { } joined, Left: { } left })
        {
            _told?.UnionWith(joined);
            _told?.ExceptWith(left);
        }
        else
        {
            _told = null;
        }

        _toldCount = presence.Count;
        TellPresence(presence);
    }

    /// <summary>Takes in who is there by the room's word; all that it has told before is in it.</summary>
    /// <param name="names">Null where there are too many.</param>
    /// <param name="count">How many.</param>
    private void OnMembersKnown(IReadOnlyList<string>? names, int count)
    {
        var before = _told;
        if (_live.Count == 0)
        {
            _told = names?.ToHashSet(StringComparer.Ordinal);
        }
        else if (before is not null && names is not null)
        {
            _told = names.ToHashSet(StringComparer.Ordinal);
            var joined = names.Where(n => !before.Contains(n)).ToList();
            var left = before.Where(n => !_told.Contains(n)).Order(StringComparer.Ordinal).ToList();
            if (joined.Count + left.Count > 0)
            {
                TellPresence(new PresenceChanged(Room, _stream, joined, left, count));
            }
        }
        else if (before is not null || count != _toldCount)
        {
            _told = null;
            TellPresence(new PresenceChanged(Room, _stream, null, null, count));
        }

        _toldCount = count;
    }

    private void TellPresence(PresenceChanged presence)
    {
        foreach (var seat in _live)
        {
            seat.Client.OnPresence(presence);
        }
    }
}
