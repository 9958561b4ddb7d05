using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Rooms;

/// <content>Presence: what the gateways say, told to all of them; and the gateways that an earlier owner had.</content>
internal sealed partial class RoomActor
{
    private const string PresenceTimer = "presence";
    private const string NamesTimer = "names";
    private const string GatewaysTimer = "gateways";

    private readonly RoomPresence _presence = new();
    private readonly AwaitedGateways _awaited = new();
    private Pace _presencePace;
    private bool _presenceTimerRuns;
    private bool _countChanged;

    /// <summary>
    /// Tells what has changed, if its turn has come. Until then all lists are of what was told last, so that whoever gets one and those who had one before
    /// know the same, and every change that is told is one for all of them.
    /// </summary>
    /// <param name="last">It is told at once: the room has no later turn.</param>
    private void FlushPresence(bool last = false)
    {
        if (_presence.HasChanges)
        {
            var isNamed = _presence.Count <= Options.NamedPresence;
            if (isNamed && !last && _presencePace.TryTake(Clock.GetElapsedTime(0).TotalMilliseconds) is > 0 and var wait)
            {
                if (!Timers.IsTimerActive(NamesTimer))
                {
                    Timers.StartSingleTimer(NamesTimer, NamesDue.Instance, TimeSpan.FromMilliseconds(wait));
                }

                return;
            }

            var (joined, left) = _presence.TakeChanges();
            _self.Count = _presence.Count;
            if (isNamed)
            {
                _countChanged = false;
                _awaited.Told(joined, left);
                Broadcast(s => new PresenceChanged(_self.Name, s.Stream, joined, left, _presence.Count));
                return;
            }

            _countChanged = true;
        }

        if (_countChanged && !_presenceTimerRuns)
        {
            _countChanged = false;
            _presenceTimerRuns = true;
            Timers.StartSingleTimer(PresenceTimer, PresenceDue.Instance, TimeSpan.FromSeconds(1));
            Broadcast(s => new PresenceChanged(_self.Name, s.Stream, null, null, _presence.Count));
        }
    }

    /// <summary>Members stay where they are while the room changes its owner; their gateways come with their streams.</summary>
    private void Await(IReadOnlyList<HandedMembers> handed)
    {
        _presence.Seed(handed);
        _self.Count = _presence.Count;
        foreach (var gateway in handed)
        {
            _awaited.Add(gateway.Gateway);
        }

        Timers.StartSingleTimer(GatewaysTimer, GatewaysLate.Instance, Options.GatewayWait);
    }

    /// <summary>A gateway has come: it hears what the others were told meanwhile.</summary>
    private void Arrived(RoomSubscriber subscriber)
    {
        if (!_awaited.Remove(subscriber.Gateway))
        {
            return;
        }

        var (joined, left) = _awaited.Missed;
        if (_presence.ToldCount > Options.NamedPresence)
        {
            Reply(subscriber, new PresenceChanged(_self.Name, subscriber.Stream, null, null, _presence.ToldCount));
        }
        else if (joined.Count + left.Count > 0)
        {
            Reply(subscriber, new PresenceChanged(_self.Name, subscriber.Stream, joined, left, _presence.ToldCount));
        }
    }

    /// <summary>A gateway does not come.</summary>
    private void GiveUpOn(string gateway)
    {
        if (_awaited.Remove(gateway))
        {
            SetMembers(gateway, []);
            ShowActivation();
        }
    }
}
