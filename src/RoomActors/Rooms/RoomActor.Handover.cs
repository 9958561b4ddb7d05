using System.Collections.Immutable;
using ClusterChat.Cluster;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <content>Moving: the room goes to its next owner with what is known of it, or comes from an earlier one.</content>
internal sealed partial class RoomActor
{
    private const string HandoverTimer = "handover";
    private const int MaxRetryMs = 160;

    private bool _begun;
    private bool _awaitsHandover;
    private long _awaitsSince;
    private RoomHandover? _handover;
    private bool _movedAway;
    private bool _isAsked;
    private RoomHandover? _packed;
    private long _givesUpSince;
    private int _retryMs;

    private TimeSpan HandoverWait => _services.IsMemory ? Options.MemoryHandoverWait : Options.HandoverWait;

    /// <summary>Before the first message. Either that is what an earlier owner hands over, or that one is asked for it.</summary>
    private void Begin(object first)
    {
        if (_begun)
        {
            return;
        }

        _begun = true;
        _awaitsHandover = first is HandedOver { State: not null } || (_services.Handovers?.Ask(_self.Name) ?? false);
        if (_awaitsHandover)
        {
            _awaitsSince = Clock.GetTimestamp();
            Timers.StartSingleTimer(HandoverTimer, HandoverLate.Instance, HandoverWait);
        }
        else
        {
            Open();
        }
    }

    private void OnHandedOver(RoomHandover? state)
    {
        if (_state is not null)
        {
            return;
        }

        _handover ??= state;
        if (_awaitsHandover)
        {
            _awaitsHandover = false;
            _services.Metrics.Taken(_handover is not null, Clock.GetElapsedTime(_awaitsSince));
            Open();
        }
    }

    /// <returns>False: what was handed over does not fit what the journal says, and the tail is still to be read.</returns>
    private bool TakeOver(OpenedRoom room)
    {
        var handed = _handover!;
        _handover = null;
        if (!HandoverState.Fits(handed, room))
        {
            _services.Logger.HandoverRefused(_self.Name, handed.Log, handed.Head, room.Log, room.Head);
            if (room.Tail.Count == 0 && room.Head > 0)
            {
                return false;
            }

            Take(room);
            return true;
        }

        var tail = handed.Events.Count > room.Tail.Count ? HandoverState.Tail(handed) : room.Tail;
        _epoch = room.Epoch;
        _state = new RoomState(_self.Name, room with { Tail = tail }, _limits, handed.Writes);
        if (handed.Members is { } members)
        {
            Await(members);
        }

        return true;
    }

    /// <summary>At the end of a turn, when another node owns the room and no append is under way.</summary>
    private void GiveUpRoom()
    {
        FlushPresence();
        if (_services.Handovers is not { } handovers)
        {
            GoAway();
            return;
        }

        if (_retryMs == 0)
        {
            _givesUpSince = Clock.GetTimestamp();
            _packed = ToHandOver();
        }

        var state = Clock.GetElapsedTime(_givesUpSince) < HandoverWait ? _packed : null;
        switch (state is null && !_isAsked ? HandoverResult.Sent : handovers.HandOver(_self.Name, state))
        {
            case HandoverResult.Full:
                _retryMs = Math.Clamp(_retryMs * 2, 10, MaxRetryMs);
                Timers.StartSingleTimer(HandoverTimer, HandoverRetry.Instance, TimeSpan.FromMilliseconds(_retryMs));
                break;
            case HandoverResult.Returned:
                (_movedAway, _isAsked, _packed, _retryMs) = (false, false, null, 0);
                if (_state is null && !_awaitsHandover)
                {
                    Open();
                }

                break;
            default:
                _services.Metrics.Given(state is not null, Clock.GetElapsedTime(_givesUpSince));
                GoAway();
                break;
        }
    }

    private void GoAway()
    {
        RefuseStash(Unavailable);
        Stop();
    }

    private RoomHandover? ToHandOver()
    {
        if (_state is not { } state)
        {
            // It moves on before it was opened here.
            return _handover;
        }

        var gateways = _subscribers.Gateways.Union(_awaited.All).ToImmutableArray();
        return gateways.IsEmpty && (!_services.IsMemory || state.Head == 0)
            ? null
            : HandoverState.Pack(state, _epoch, _presence, gateways, _services.IsMemory ? Options.MemoryHandoverBytes : Options.HandoverBytes);
    }
}
