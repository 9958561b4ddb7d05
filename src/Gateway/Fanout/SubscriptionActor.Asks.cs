using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <content>Questions to the owner: kept until they are answered, sent again on each new stream.</content>
internal sealed partial class SubscriptionActor
{
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
