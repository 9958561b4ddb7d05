using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Fanout;

/// <content>
/// Who is in the room, as the clients here were told step by step. An owner tells what changes while the stream is open.
/// What changed between two streams nobody tells: somebody came or went while this gateway still heard the owner before, or
/// went with a node that was killed. So some time after each new stream the owner is asked for the list, and clients hear
/// the difference.
/// </content>
internal sealed partial class SubscriptionActor
{
    private const string CensusTimer = "census";

    // The longest list that a room gives at once; with more members nobody is told names.
    private const int MaxNames = 200;

    // In place of a count: nobody is there to be told.
    private const int NobodyTold = -1;

    // In place of a count: live clients were told different ones.
    private const int Differs = -2;

    // A new owner knows who is there once all gateways have come to it. To ask at once would tell everybody that nearly
    // everybody left, and came back.
    private static readonly TimeSpan CensusAfter = TimeSpan.FromSeconds(5);

    // What some of the live clients may know and others not: who joins before the census gets the new owner's list.
    private readonly HashSet<string> _unsure = new(StringComparer.Ordinal);

    // What those of the live clients know who have the list; null where none has it. To the others a change says the count.
    private HashSet<string>? _told;

    // The count that all live clients were told last.
    private int _toldCount;

    // How often in a row the owner has named another one. Once may be a word that is on its way.
    private int _otherCounts;

    private void CountLater()
    {
        if (_live.Count > 0)
        {
            Timers.StartSingleTimer(CensusTimer, CensusDue.Instance, CensusAfter);
        }
    }

    /// <summary>The owner repeats how many are there: a change that got lost on its way, the last one before a silence, shows here only.</summary>
    private void CompareCount(int count)
    {
        if (count < 0 || _live.Count == 0 || count == _toldCount)
        {
            _otherCounts = 0;
        }
        else if (++_otherCounts > 1 && !Timers.IsTimerActive(CensusTimer))
        {
            _otherCounts = 0;
            CountLater();
        }
    }

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
            OnCensus(page.More ? null : page.Names, page.Count);
        }
    }

    private void OnPresence(PresenceChanged presence)
    {
        if (presence is { Joined: { } joined, Left: { } left })
        {
            _told?.UnionWith(joined);
            _told?.ExceptWith(left);
            _unsure.ExceptWith(joined);
            _unsure.ExceptWith(left);
            if (_told is not null && _told.Count != presence.Count && !Timers.IsTimerActive(CensusTimer))
            {
                // What was told before this has got lost on the way.
                CountLater();
            }
        }
        else
        {
            Forget();
        }

        _toldCount = presence.Count;
        TellPresence(presence);
    }

    /// <summary>A client is about to be live, with a page that has the list as the room has it at this moment of the stream.</summary>
    private void OnMemberJoins(IReadOnlyList<string>? names, int count)
    {
        if (_live.Count == 0)
        {
            Forget();
            (_told, _toldCount) = (names?.ToHashSet(StringComparer.Ordinal), count);
            return;
        }

        // What the page says goes to one client. The others may have missed it with an earlier stream, and are told by the census.
        _toldCount = count == _toldCount ? count : Differs;
        if (names is null)
        {
            return;
        }

        if (_told is null)
        {
            _told = names.ToHashSet(StringComparer.Ordinal);
        }
        else if (!_told.SetEquals(names))
        {
            _unsure.UnionWith(names);
            _unsure.UnionWith(_told);
            _told.IntersectWith(names);
            _unsure.ExceptWith(_told);
            CountLater();
        }
    }

    /// <summary>A page has the members that all have been told of. Where much comes and goes, who enters with it may not be among them yet, and is there all the same.</summary>
    private static (int Count, IReadOnlyList<string>? Members) WithOwnName(EventPage page, Member? own)
    {
        if (page.Members is not { } names || own is null || names.Contains(own.Name, StringComparer.Ordinal))
        {
            return (page.Count, page.Members);
        }

        return (page.Count + 1, [.. names.Append(own.Name).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Takes in who is there by the room's word; all that it has told before is in it.</summary>
    /// <param name="names">Null where there are too many.</param>
    /// <param name="count">How many.</param>
    private void OnCensus(IReadOnlyList<string>? names, int count)
    {
        var told = _told;
        if (told is not null && names is not null)
        {
            _told = names.ToHashSet(StringComparer.Ordinal);
            var joined = names.Where(n => !told.Contains(n)).ToList();
            var left = told.Union(_unsure, StringComparer.Ordinal).Where(n => !_told.Contains(n)).Order(StringComparer.Ordinal).ToList();
            _unsure.Clear();
            if (joined.Count + left.Count > 0 || count != _toldCount)
            {
                TellPresence(new PresenceChanged(Room, _stream, joined, left, count));
            }
        }
        else if (told is not null || count != _toldCount)
        {
            Forget();
            TellPresence(new PresenceChanged(Room, _stream, null, null, count));
        }

        _toldCount = count;
    }

    private void Forget()
    {
        _told = null;
        _unsure.Clear();
    }

    private void TellPresence(PresenceChanged presence)
    {
        Broadcast();
        foreach (var seat in _live)
        {
            seat.Client.OnPresence(presence);
        }
    }
}
