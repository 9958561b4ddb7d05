using System.Collections.Concurrent;
using Akka.Actor;

namespace ClusterChat.Gateway.Fanout;

/// <summary>
/// The subscriptions that wait for something, and are to look at the clock now and then. One timer for all of them: nearly
/// every wait is over before it fires, and a timer for each message would cost more than the message.
/// </summary>
internal sealed class WaitingSubscriptions : IDisposable
{
    /// <summary>How often who still waits looks at what is late.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<SubscriptionEntry> _listed = new();
    private readonly ITimer _timer;

    public WaitingSubscriptions(TimeProvider clock)
        => _timer = clock.CreateTimer(static waiting => ((WaitingSubscriptions)waiting!).Tick(), this, Interval, Interval);

    /// <summary>Lists a subscription that waits, unless it is listed. Called in its own turn.</summary>
    public void Add(SubscriptionEntry entry)
    {
        if (entry.TryList())
        {
            _listed.Enqueue(entry);
        }
    }

    public void Dispose() => _timer.Dispose();

    // Two at once, after a pause, do no harm: each entry is one's or the other's.
    private void Tick()
    {
        for (var left = _listed.Count; left > 0 && _listed.TryDequeue(out var entry); left--)
        {
            if (!entry.IsWaiting)
            {
                entry.Unlist();

                // It may have begun to wait after the look, and found itself listed.
                if (entry.IsWaiting)
                {
                    Add(entry);
                }

                continue;
            }

            entry.Actor.Tell(SubscriptionTick.Instance, ActorRefs.NoSender);
            _listed.Enqueue(entry);
        }
    }
}
