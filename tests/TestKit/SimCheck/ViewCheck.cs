namespace ClusterChat.TestKit;

/// <summary>
/// What one client saw of one room: from where it came in, each event once, in order, without a hole, pages and
/// live events together, through resets, reconnects and rejoins.
/// </summary>
internal sealed class ViewCheck(string client, string room, RoomHistories rooms, Action<string, string> report)
{
    // A memory room with nobody in it may be let go after this.
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(2);

    // For so long nodes of a cluster may hold on to an owner that another one has replaced.
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(10);

    private string? _log;
    private long _position = -1;
    private long _paging = -1;
    private long _mustShow;
    private long _ackedInRoom;
    private Fact.JoinAsked? _join;
    private bool _live;
    private TimeSpan _lostAt = TimeSpan.MinValue;
    private TimeSpan _learnedAt;
    private TimeSpan _lag;
    private readonly HashSet<string> _removed = [];
    private readonly HashSet<(string, string)> _disturbed = [];
    private TimeSpan _mayBeStaleUntil = TimeSpan.MinValue;
    private TimeSpan _lastSeen;

    public void Run(IReadOnlyList<Fact> facts)
    {
        foreach (var fact in facts)
        {
            switch (fact)
            {
                case Fact.Acked acked when acked.Room == room:
                    _ackedInRoom = Math.Max(_ackedInRoom, acked.Seq);
                    break;
                case Fact.ViewChanged view:
                    _lag = Lag;
                    _removed.UnionWith(view.Removed);
                    break;
                case Fact.NodeResumed resumed when _removed.Contains(resumed.Node):
                    // Until it has read the table it holds itself for the owner, and may show the log of before.
                    OnDisturbance(fact);
                    _lostAt = fact.At;
                    break;
                case Fact.NodePaused or Fact.NodeResumed or Fact.StoreReach or Fact.NetworkCut:
                    OnDisturbance(fact);
                    break;
                case Fact.NodeGone:
                    OnDisturbance(fact);
                    _lostAt = fact.At;
                    break;
                case Fact.SecondOwner second when second.Room == room:
                    OnDisturbance(fact);
                    _lostAt = fact.At;
                    break;
                case Fact.OwnerChanged moved when moved.Room == room:
                    _lostAt = fact.At;
                    break;
                case Fact.JoinAsked asked when asked.Client == client && asked.Room == room:
                    (_join, _paging, _mustShow) = (asked, -1, _ackedInRoom);
                    break;
                case Fact.PageSeen page when page.Client == client && page.Room == room:
                    OnPage(page);
                    break;
                case Fact.EventSeen seen when seen.Client == client && seen.Room == room:
                    OnEvent(seen);
                    break;
                case Fact.ResetSeen reset when reset.Client == client && reset.Room == room:
                    OnReset(reset);
                    break;
                case Fact.HistorySeen history when history.Client == client && history.Room == room:
                    OnHistory(history);
                    break;
                case Fact.Left left when left.Client == client && left.Room == room:
                    (_log, _position, _live, _join) = (null, -1, false, null);
                    break;
                case Fact.Disconnected gone when gone.Client == client:
                    _lastSeen = _live ? gone.At : _lastSeen;
                    (_live, _join) = (false, null);
                    break;
            }
        }
    }

    // A node that is out of reach may take itself for the owner for a while; it cannot commit, but it can show what it has.
    // Who knows of a later position is not fooled (it opens the room again), and who does not gets the rest a little later.
    private void OnDisturbance(Fact fact)
    {
        _ = fact switch
        {
            Fact.NodePaused f => _disturbed.Add((f.Node, "stands still")),
            Fact.NodeResumed f => _disturbed.Remove((f.Node, "stands still")),
            Fact.StoreReach { IsAway: true } f => _disturbed.Add((f.Node, "store")),
            Fact.StoreReach f => _disturbed.Remove((f.Node, "store")),
            Fact.NetworkCut { IsCut: true } f => _disturbed.Add((f.A, f.B)),
            Fact.NetworkCut f => _disturbed.Remove((f.A, f.B)),
            Fact.SecondOwner { IsOver: false } f => _disturbed.Add((f.Node, "owns")),
            Fact.SecondOwner f => _disturbed.Remove((f.Node, "owns")),
            Fact.NodeGone f => _disturbed.RemoveWhere(d => d.Item1 == f.Node) > 0,
            _ => false,
        };
        _mayBeStaleUntil = _disturbed.Count > 0 ? TimeSpan.MaxValue : _mayBeStaleUntil == TimeSpan.MaxValue ? fact.At + Lag : _mayBeStaleUntil;
    }

    private void OnPage(Fact.PageSeen page)
    {
        if (_join is not { } join || join.Connection != page.Connection)
        {
            report(PromiseChecker.InOrder, $"at {page.At} {client} got a page of {room} that it did not ask for");
            return;
        }

        var first = _paging < 0;
        var resumes = join.Log is not null && page.Recovered;
        if (first && join.Log is not null && !page.Recovered)
        {
            CheckLost(page);
        }

        if (!first && (!page.Recovered || page.Log != _log))
        {
            report(PromiseChecker.InOrder, $"at {page.At} {client}: a later page of {room} does not go on where the one before ended");
        }

        var expected = resumes ? (first ? join.Since : _paging) + 1 : page.Events.Count > 0 ? page.Events[0].Seq : page.Seq + 1;
        foreach (var e in page.Events)
        {
            rooms.CheckBytes(client, room, page.Log, e);
            if (e.Seq != expected)
            {
                report(PromiseChecker.InOrder, $"at {page.At} {client}: a page of {room} has {e.Seq} where {expected} has to be");
            }

            expected = e.Seq + 1;
        }

        if (page.Seq != expected - 1)
        {
            report(PromiseChecker.InOrder, $"at {page.At} {client}: a page of {room} ends at {expected - 1} and says {page.Seq}");
        }

        var sameLog = _log == page.Log;
        if (!page.More && sameLog && page.Seq < _position && page.Recovered)
        {
            report(PromiseChecker.InOrder, $"at {page.At} {client}: a join of {room} ends at {page.Seq}, and it had seen {_position}");
        }

        if (!page.More && !rooms.IsMemory(room) && page.Seq < _mustShow && join.At > _mayBeStaleUntil)
        {
            report(PromiseChecker.Fresh, $"at {page.At} {client} joined {room} up to {page.Seq}, and {_mustShow} was acked before it asked");
        }

        if (rooms.Log(room) is { } stored && !rooms.IsMemory(room) && stored != page.Log)
        {
            report(PromiseChecker.LogStays, $"at {page.At} {client}: {room} has the log {page.Log}, the journal says {stored}");
        }

        _paging = page.Seq;
        _position = sameLog ? Math.Max(_position, page.Seq) : page.Seq;
        _learnedAt = sameLog ? _learnedAt : join.At;
        _log = page.Log;
        _live = !page.More;
        _lastSeen = page.At;
    }

    // Only a memory room may lose its log, with the process or after a long time with nobody in it.
    private void CheckLost(Fact.PageSeen page)
    {
        var sameLog = page.Log == _join!.Log;
        if (!rooms.IsMemory(room) || (sameLog && page.Seq - page.Events.Count <= _join.Since))
        {
            report(PromiseChecker.InOrder, $"at {page.At} {client} could not resume {room} from {_join.Log}/{_join.Since}: {page.Log}/{page.Seq}");
        }
        else if (!sameLog && _lostAt < _learnedAt - _lag && (_live || page.At - _lastSeen < IdleTime))
        {
            report(PromiseChecker.LogStays, $"at {page.At} {client}: {room} went from {_join.Log} to {page.Log} while its owner stayed");
        }
    }

    private void OnEvent(Fact.EventSeen seen)
    {
        rooms.CheckBytes(client, room, _log ?? "", seen.Event);
        if (!_live)
        {
            report(PromiseChecker.InOrder, $"at {seen.At} {client} got {room}/{seen.Event.Seq} and is not in the room");
        }

        if (seen.Event.Seq != _position + 1)
        {
            report(PromiseChecker.InOrder, $"at {seen.At} {client} got {room}/{seen.Event.Seq} after {_position}");
        }

        _position = seen.Event.Seq;
        _lastSeen = seen.At;
    }

    private void OnReset(Fact.ResetSeen reset)
    {
        // A join under way that has no page yet is answered in its own right.
        _join = _paging < 0 ? _join : null;
        _live = false;
        if (!rooms.IsMemory(room))
        {
            report(PromiseChecker.LogStays, $"at {reset.At} {client} was reset in {room}");
        }
    }

    private void OnHistory(Fact.HistorySeen history)
    {
        var last = history.Events.Count > 0 ? history.Events[^1].Seq : 0;
        var expected = history.Events.Count > 0 ? history.Events[0].Seq : 1;
        foreach (var e in history.Events)
        {
            rooms.CheckBytes(client, room, history.Log, e);
            if (e.Seq != expected++)
            {
                report(PromiseChecker.InOrder, $"at {history.At} {client}: history of {room} has {e.Seq} where {expected - 1} has to be");
            }
        }

        // The position was reached, so all before it is there to be read.
        if (!rooms.IsMemory(room) && last != history.Before - 1)
        {
            report(PromiseChecker.InOrder, $"at {history.At} {client}: history of {room} before {history.Before} ends at {last}");
        }

        if (!rooms.IsMemory(room) && history.Events.Count > 0 && history.More != (history.Events[0].Seq > 1))
        {
            report(PromiseChecker.InOrder, $"at {history.At} {client}: history of {room} from {history.Events[0].Seq} says more={history.More}");
        }
    }
}
