using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <content>Seats: who is in the room, and who is on the way in.</content>
internal sealed partial class SubscriptionActor
{
    private static readonly ProtocolError NotJoined = new(ErrorCode.NotJoined, "Join the room first.");

    private static readonly ProtocolError Superseded =
        new(ErrorCode.BadRequest, "A later join of this room has taken the place of this one.");

    private readonly Dictionary<IRoomClient, Seat> _seats = [];
    private readonly List<Seat> _live = [];

    private void Receive(RoomCall call)
    {
        switch (call)
        {
            case JoinRoom join:
                OnJoin(join);
                return;
            case LeaveRoom leave:
                OnLeave(leave);
                return;
            case WriteRoom { Visitor: true } or ReadHistory { Visitor: true } or ReadMembers { Visitor: true }:
                Timers.Cancel(IdleTimer);
                StartIdleTimer();
                Carry(call);
                return;
        }

        if (!_seats.TryGetValue(call.Client, out var seat))
        {
            call.Client.OnRefused(call, NotJoined);
        }
        else if (seat.IsLive)
        {
            Carry(call);
        }
        else
        {
            // It came behind the join on the same connection, so it waits for it.
            seat.Waiting.Add(call);
        }
    }

    private void Carry(RoomCall call)
    {
        switch (call)
        {
            case WriteRoom write:
                OnWrite(write);
                break;
            case ReadHistory read:
                OnRead(read);
                break;
            case ReadMembers read:
                OnRead(read);
                break;
            case TypeInRoom typing:
                NeedStream();
                Tell(new Typing(Room, services.Cluster.Self, _stream, typing.Who.Name, typing.Who.User));
                break;
        }
    }

    private void OnRead(ReadHistory read) => Send(read, (stream, request) => new ReadEvents(
        Room, services.Cluster.Self, stream, request, read.After, read.Before, read.Limit, Newest: read.After == 0));

    private void OnRead(ReadMembers read) => Send(read, (stream, request) => new ListMembers(
        Room, services.Cluster.Self, stream, request, read.After, read.Limit));

    private void OnJoin(JoinRoom join)
    {
        Timers.Cancel(IdleTimer);
        var seat = new Seat(join);
        if (_seats.Remove(join.Client, out var old))
        {
            _live.Remove(old);
            seat.Seated = old.Seated;
            seat.Unheard = old.Unheard;
            seat.Waiting.AddRange(old.Waiting);
            if (!old.IsLive)
            {
                join.Client.OnRefused(old.Join, Superseded);
            }
        }

        _seats.Add(join.Client, seat);
        AskToEnter(seat);
    }

    private void AskToEnter(Seat seat)
    {
        var join = seat.Join;
        Send(join, (stream, request) => new Enter(
            Room, services.Cluster.Self, stream, request, join.Member, join.Since, join.Limit));
    }

    private void AskForNextPage(Seat seat)
    {
        // As a resumption of its own, so that the last page says who is there when the client goes live.
        var (join, since) = (seat.Join, new Position(seat.Log, seat.From));
        Send(join, (stream, request) => new Enter(
            Room, services.Cluster.Self, stream, request, join.Member, since, join.Limit));
    }

    private void OnPage(Ask ask, EventPage page)
    {
        ask.Call?.Client.OnRead(page.Lines.Sum(l => (long)l.Length));
        switch (ask.Call)
        {
            case null:
                OnFetched(page);
                break;
            case ReadHistory read:
                read.Client.OnHistory(read, page);
                break;
            case JoinRoom join:
                OnEnterPage(join, page);
                break;
        }
    }

    private void OnEnterPage(JoinRoom join, EventPage page)
    {
        if (!_seats.TryGetValue(join.Client, out var seat) || !ReferenceEquals(seat.Join, join))
        {
            // It left, or joined again, while the page was on its way.
            TellIfGone(join.Member, !join.TookLeave);
            return;
        }

        var first = !seat.Entered;
        if (first && page.Log != _log)
        {
            // Not a reset: that would say that what the client had before is over, and leave this join without an answer.
            GiveUpSeat(join, Unavailable);
            return;
        }

        if (page.Log != _log || !(first || page.Recovered))
        {
            Unseat(seat, mayReturn: true);
            join.Client.OnReset(join);
            RefuseWaiting(seat, NotJoined);
            return;
        }

        var resuming = !first || (join.Since is not null && page.Recovered);
        var more = resuming && page.More;
        var events = new List<RoomEvent>(page.Lines.Count);
        for (var i = 0; i < page.Lines.Count; i++)
        {
            events.Add(new RoomEvent(page.Log, page.FirstSeq + i, page.Lines[i]));
        }

        var end = page.EndSeq;
        if (!more && end < _position)
        {
            // Events went out here while the journal was read.
            var missed = _recent.Where(e => e.Seq > end).ToList();
            if (missed.Count == _position - end)
            {
                events.AddRange(missed);
                end = _position;
            }
            else if (resuming)
            {
                more = true;
            }
            else
            {
                AskToEnter(seat);
                return;
            }
        }

        Sit(seat);
        seat.Entered = true;
        (seat.Log, seat.From) = (page.Log, end);
        seat.IsLive = !more;
        if (seat.IsLive)
        {
            OnMemberJoins(page.Members, page.Count);
            _live.Add(seat);
        }

        var (count, members) = WithOwnName(page, join.Member);
        join.Client.OnEntered(join, new EnteredPage(page.Log, end, page.Recovered, events, more, count, members));
        if (more)
        {
            var me = Self;
            if (join.Client.IsReady(() => me.Tell(new ClientReady(join), ActorRefs.NoSender)))
            {
                AskForNextPage(seat);
            }

            return;
        }

        var waiting = seat.Waiting.ToArray();
        seat.Waiting.Clear();
        foreach (var call in waiting)
        {
            Carry(call);
        }
    }

    private void OnClientReady(JoinRoom join)
    {
        if (_seats.TryGetValue(join.Client, out var seat) && ReferenceEquals(seat.Join, join) && !seat.IsLive)
        {
            AskForNextPage(seat);
        }
    }

    private void OnLeave(LeaveRoom leave)
    {
        if (_seats.TryGetValue(leave.Client, out var seat) && (leave.Of is null || ReferenceEquals(leave.Of, seat.Join)))
        {
            seat.Join.TookLeave = !leave.MayReturn;
            Unseat(seat, leave.MayReturn);
            RefuseWaiting(seat, NotJoined);
        }
        else if (!leave.Silent)
        {
            leave.Client.OnRefused(leave, NotJoined);
            return;
        }

        if (!leave.Silent)
        {
            leave.Client.OnLeft(leave);
        }
    }

    private void GiveUpSeat(JoinRoom join, ProtocolError error)
    {
        if (_seats.TryGetValue(join.Client, out var seat) && ReferenceEquals(seat.Join, join))
        {
            // Who hears that it is to try again does so.
            Unseat(seat, error.IsTemporary);
            TellIfGone(join.Member, error.IsTemporary);
            join.Client.OnRefused(join, error);
            RefuseWaiting(seat, NotJoined);
        }
        else
        {
            // It is gone already; the room may have counted it in all the same.
            TellIfGone(join.Member, !join.TookLeave);
        }
    }

    private void Unseat(Seat seat, bool mayReturn)
    {
        _seats.Remove(seat.Client);
        _live.Remove(seat);
        Stand(seat, mayReturn);
        if (_seats.Count == 0)
        {
            StartIdleTimer();
        }
    }

    private void ResetAll()
    {
        Broadcast();
        foreach (var seat in _seats.Values.ToList())
        {
            if (seat.Entered)
            {
                Unseat(seat, mayReturn: true);
                seat.Client.OnReset(seat.Join);
                RefuseWaiting(seat, NotJoined);
            }
        }
    }

    /// <summary>Refuses the writes of an author that wait behind joins: an earlier one of them was given up.</summary>
    private void RefuseWaitingOf(string author)
    {
        foreach (var seat in _seats.Values)
        {
            foreach (var write in seat.Waiting.OfType<WriteRoom>().Where(w => w.Author.User == author).ToList())
            {
                seat.Waiting.Remove(write);
                RefuseForNow(write, Unavailable);
            }
        }
    }

    private static void RefuseWaiting(Seat seat, ProtocolError error)
    {
        foreach (var call in seat.Waiting)
        {
            call.Client.OnRefused(call, error);
        }

        seat.Waiting.Clear();
    }
}
