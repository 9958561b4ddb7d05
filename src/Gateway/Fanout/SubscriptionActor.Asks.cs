using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <content>Questions to the owner: kept until they are answered, sent again on each new stream.</content>
internal sealed partial class SubscriptionActor
{
    private const long FullPauseMs = 1000;

    private static readonly ProtocolError OwnerFull = new(ErrorCode.Busy, "The server has too many rooms right now.", RetryMs: 5000);

    private readonly Dictionary<long, Ask> _asks = [];
    private long _lastRequest;

    private void Send(RoomCall? call, Func<long, long, ToRoom> message, bool isForMembers = false)
    {
        NeedStream();
        var request = ++_lastRequest;
        var ask = new Ask(call, stream => message(stream, request), Now, isForMembers);
        _asks.Add(request, ask);
        SendAsk(ask);
    }

    private void SendAsk(Ask ask)
    {
        ask.SentAt = Now;
        Tell(ask.Message(_stream));
    }

    /// <summary>
    /// The room's owner has too many rooms: who waits hears so now, and not when its time is over. Who is in the room stays, and it is tried again.
    /// </summary>
    private void OnOwnerFull()
    {
        (_subscribed, _streamIsOver, _reopenAt) = (false, true, Now + FullPauseMs);
        foreach (var (request, ask) in _asks.ToList())
        {
            _asks.Remove(request);
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
    private sealed class Ask(RoomCall? call, Func<long, ToRoom> message, long since, bool isForMembers)
    {
        /// <summary>The client's request; null for the subscription's own.</summary>
        public RoomCall? Call => call;

        /// <summary>Makes the message for a stream.</summary>
        public Func<long, ToRoom> Message => message;

        /// <summary>When it was asked.</summary>
        public long Since => since;

        /// <summary>Whether the subscription wants to know who is there; else it fetches a hole.</summary>
        public bool IsForMembers => isForMembers;

        /// <summary>When it was sent on this stream.</summary>
        public long SentAt { get; set; }
    }
}
