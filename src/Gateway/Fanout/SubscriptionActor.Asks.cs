using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <content>
/// Questions to the owner: kept until they are answered, sent again on each new stream. A few of clients' are under way at once; the others wait here,
/// in turns of their addresses, so that who asks for much is in nobody's way but its own.
/// </content>
internal sealed partial class SubscriptionActor
{
    private const long FullPauseMs = 1000;

    private static readonly ProtocolError TooManyReads =
        new(ErrorCode.Unavailable, "Too many pages of this room are asked for right now.", RetryMs: 1000);

    private static readonly ProtocolError OwnerFull = new(ErrorCode.Busy, "The server has too many rooms right now.", RetryMs: 5000);

    private readonly Dictionary<long, Ask> _asks = [];
    private readonly FairQueue<Ask> _waitingAsks = new(services.Options.MaxUnackedPerRoom * 2);
    private long _lastRequest;
    private long _answeredAt;

    private void Send(RoomCall? call, Func<long, long, ToRoom> message, bool isForMembers = false)
    {
        NeedStream();
        var ask = new Ask(call, message, Now, isForMembers);
        if (call is null || (_asks.Count < services.Options.ReadsAtOncePerRoom && _waitingAsks.Count == 0))
        {
            Begin(ask);
        }
        else if (_waitingAsks.Add(call.Client.Origin?.Address ?? "", ask) is { } refused)
        {
            OnAskRefused(refused, TooManyReads);
        }
    }

    /// <summary>Asks what has waited, as far as others have been answered.</summary>
    private void SendWaitingAsks()
    {
        while (_asks.Count < services.Options.ReadsAtOncePerRoom && _waitingAsks.TryTake(out var ask))
        {
            if (ask.Call is JoinRoom join && !(_seats.TryGetValue(join.Client, out var seat) && ReferenceEquals(seat.Join, join)))
            {
                // It left while it waited. An earlier page of the same join may have told the room that it is there.
                TellIfGone(join.Member, !join.TookLeave);
            }
            else
            {
                Begin(ask);
            }
        }
    }

    private void ExpireWaitingAsks(long now)
    {
        if (_waitingAsks.Count > 0)
        {
            foreach (var ask in _waitingAsks.RemoveAll(a => now - a.Since > services.Options.RequestTimeout.TotalMilliseconds))
            {
                OnAskRefused(ask, TooManyReads);
            }
        }
    }

    private void Begin(Ask ask)
    {
        ask.Request = ++_lastRequest;
        _asks.Add(ask.Request, ask);
        SendAsk(ask);
    }

    private void SendAsk(Ask ask)
    {
        ask.SentAt = Now;
        Tell(ask.Message(_stream, ask.Request));
    }

    /// <summary>
    /// The room's owner has too many rooms: who waits hears so now, and not when its time is over. Who is in the room stays, and it is tried again.
    /// </summary>
    private void OnOwnerFull()
    {
        (_subscribed, _streamIsOver, _reopenAt) = (false, true, Now + FullPauseMs);
        _leaves.Clear();
        foreach (var (request, ask) in _asks.ToList())
        {
            _asks.Remove(request);
            OnAskRefused(ask, OwnerFull);
        }

        foreach (var ask in _waitingAsks.RemoveAll(_ => true))
        {
            OnAskRefused(ask, OwnerFull);
        }

        foreach (var write in _writes.All.ToList())
        {
            // As for those whose time is over: a later one of the same author must not come first.
            Answer(write.Number, 0, 0, false, OwnerFull);
            RefuseWaitingOf(write.Call.Author.User);
        }

        if (IsIdle)
        {
            (_stream, _reopenAt, _streamIsOver) = (0, long.MaxValue, false);
        }
    }

    private void OnAskRefused(Ask ask, ProtocolError error)
    {
        if (ask.IsForMembers)
        {
            CountLater();
            return;
        }

        if (ask.Call is null)
        {
            _fetching = false;
            return;
        }

        if (ask.Call is JoinRoom join)
        {
            GiveUpSeat(join, error);
            return;
        }

        ask.Call.Client.OnRefused(ask.Call, error);
    }

    /// <summary>A question to the owner, kept until it is answered.</summary>
    private sealed class Ask(RoomCall? call, Func<long, long, ToRoom> message, long since, bool isForMembers)
    {
        /// <summary>The client's request; null for the subscription's own.</summary>
        public RoomCall? Call => call;

        /// <summary>Makes the message for a stream, under a number.</summary>
        public Func<long, long, ToRoom> Message => message;

        /// <summary>Its number, once it was sent.</summary>
        public long Request { get; set; }

        /// <summary>When it was asked.</summary>
        public long Since => since;

        /// <summary>Whether the subscription wants to know who is there; else it fetches a hole.</summary>
        public bool IsForMembers => isForMembers;

        /// <summary>When it was sent on this stream.</summary>
        public long SentAt { get; set; }
    }
}
