using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.Gateway.Connections;

namespace ClusterChat.Gateway.Fanout;

/// <content>
/// Events: each goes out once, in order; holes are fetched first. Those of a large, busy room gather for some milliseconds before they go out
/// (<see cref="GatewayOptions.BroadcastsPerSecond"/>): a write to each of a thousand sockets costs about the same whether it
/// carries one event or thirty.
/// </content>
internal sealed partial class SubscriptionActor
{
    private const int FetchLimit = 200;

    private readonly Queue<RoomEvent> _recent = [];
    private TokenBucket _broadcasts = new(services.Options.BroadcastsPerSecond, services.Options.BroadcastBurst);

    // What is to go out next, up to the position. Whatever else all clients are told comes behind it.
    private List<RoomEvent> _gathered = [];
    private readonly List<(MessageTrace Trace, long Since)> _gatheredTraces = [];
    private ITimer? _broadcastTimer;
    private bool _broadcastIsDue;
    private string? _log;
    private long _epoch;
    private bool _asksBeyond;
    private long _position;
    private long _highest;
    private bool _fetching;

    private void OnSubscribed(Subscribed subscribed)
    {
        if (subscribed.Epoch < _epoch)
        {
            // An owner that another one has replaced; its word counts for nothing.
            _subscribed = false;
            _reopenAt = Now + (long)TickInterval.TotalMilliseconds;
            return;
        }

        if (subscribed.Log == _log && subscribed.Head < _position && !_asksBeyond)
        {
            // An owner that opened the room again under a higher number did not say so here: this one may be older than what it has
            // committed since. To go beyond its own number it has to look into the journal.
            (_asksBeyond, _epoch) = (true, subscribed.Epoch + 1);
            _subscribed = false;
            _reopenAt = Now + (long)TickInterval.TotalMilliseconds;
            return;
        }

        _asksBeyond = false;
        _subscribed = true;
        _unanswered = 0;
        self.Epoch = subscribed.Epoch;
        CountLater();
        if (_log is null)
        {
            StartLog(subscribed);
            return;
        }

        _epoch = subscribed.Epoch;
        if (subscribed.Log != _log || subscribed.Head < _position)
        {
            // History was lost or begun anew: nobody can go on where they were.
            ResetAll();
            StartLog(subscribed);
            return;
        }

        _fetching = false;
        _highest = subscribed.Head;
        FetchHole();
    }

    private void StartLog(Subscribed subscribed)
    {
        _log = subscribed.Log;
        _epoch = subscribed.Epoch;
        _highest = _position = subscribed.Head;
        _fetching = false;
        _recent.Clear();
        self.Position = _position;
        if (_seats.Count == 0)
        {
            StartIdleTimer();
        }
    }

    private void OnEvents(EventsCommitted events)
    {
        if (_log is null)
        {
            return;
        }

        foreach (var trace in events.Traces)
        {
            _gatheredTraces.Add((trace, services.Clock.GetTimestamp()));
        }

        Deliver(events.FirstSeq, events.Lines);
        FetchHole();
    }

    private void OnHead(RoomHead head)
    {
        if (_subscribed && head.Log == _log && head.Epoch >= _epoch)
        {
            _highest = Math.Max(_highest, head.Head);
            FetchHole();
            CompareCount(head.Count);
        }
    }

    /// <summary>Sends out what follows on the position. What lies beyond a hole is left for the fetch.</summary>
    private void Deliver(long firstSeq, IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        _highest = Math.Max(_highest, firstSeq + lines.Count - 1);
        if (firstSeq > _position + 1)
        {
            return;
        }

        for (var i = (int)(_position + 1 - firstSeq); i < lines.Count; i++)
        {
            var roomEvent = new RoomEvent(_log!, ++_position, lines[i]);
            _gathered.Add(roomEvent);
            _recent.Enqueue(roomEvent);
            if (_recent.Count > services.Options.RecentEvents)
            {
                _recent.Dequeue();
            }
        }

        self.Position = _position;
        if (_gathered.Count == 0)
        {
            return;
        }

        if (_live.Count < services.Options.GatherFromClients || _broadcasts.TryTake(Now))
        {
            Broadcast();
        }
        else if (!_broadcastIsDue)
        {
            _broadcastIsDue = true;
            BroadcastLater(TimeSpan.FromMilliseconds(_broadcasts.RetryMs));
        }
    }

    // Not one of Akka's timers: this one is set again for nearly every batch, and a new one each time would cost more.
    private void BroadcastLater(TimeSpan wait)
    {
        _broadcastTimer ??= services.Clock.CreateTimer(
            static me => ((IActorRef)me!).Tell(BroadcastDue.Instance, ActorRefs.NoSender), Self, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _broadcastTimer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void OnBroadcastDue()
    {
        _broadcastIsDue = false;
        if (_gathered.Count > 0)
        {
            _broadcasts.TryTake(Now);
            Broadcast();
        }
    }

    /// <summary>Sends out what has gathered.</summary>
    private void Broadcast()
    {
        if (_gathered.Count == 0)
        {
            return;
        }

        var began = services.Clock.GetTimestamp();
        var events = new RoomEvents(_gathered);
        _gathered = [];
        foreach (var seat in _live)
        {
            if (seat.From < events.Last)
            {
                seat.Client.OnEvents(events.After(seat.From));
            }
        }

        var ended = services.Clock.GetTimestamp();
        services.Metrics.Delivered((long)events.Events.Count * _live.Count);
        services.Metrics.FannedOut(services.Clock.GetElapsedTime(began, ended));
        foreach (var (trace, since) in _gatheredTraces)
        {
            services.Traces?.Done("deliver", trace, Room, services.Clock.GetElapsedTime(since, ended));
        }

        _gatheredTraces.Clear();
    }

    private void FetchHole()
    {
        if (_fetching || _highest <= _position)
        {
            return;
        }

        _fetching = true;
        Fetch(_position);
    }

    // By itself: what a lambda captures is allocated where its method begins, and there is hardly ever a hole.
    private void Fetch(long after) => Send(null, (stream, request) => new ReadEvents(
        Room, services.Cluster.Self, stream, request, after, long.MaxValue, FetchLimit, Newest: false));

    private void OnFetched(EventPage page)
    {
        _fetching = false;
        if (page.Log != _log)
        {
            return;
        }

        if (!page.Recovered || (page.Lines.Count > 0 && page.FirstSeq > _position + 1))
        {
            // What is missing was trimmed: nobody can go on where they were.
            ResetAll();
            _log = null;
            OpenStream();
            return;
        }

        Deliver(page.FirstSeq, page.Lines);
        if (page.Lines.Count > 0 || page.EndSeq > _position)
        {
            FetchHole();
        }
    }
}
