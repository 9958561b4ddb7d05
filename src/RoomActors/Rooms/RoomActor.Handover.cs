using System.Collections.Immutable;
using Akka.Cluster.Sharding;
using ClusterChat.Cluster;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <content>Moving: the room stops here, and what is known of it waits on all nodes for its next activation.</content>
internal sealed partial class RoomActor
{
    private const string KeepersTimer = "keepers";
    private long _lastOffer;

    private bool _begun;
    private RoomHandover? _handover;

    // The activation whose log this one of a memory room goes on with; null where it began a log.
    private long? _continues;
    private bool _stops;
    private bool _rests;
    private bool _asksToStop;
    private long? _offer;

    // What it asks the others to give up, before it goes on with it itself.
    private long? _claim;
    private long _claimsSince;
    private int _keepers;
    private long _givesUpSince;

    private TimeSpan HandoverWait => _services.IsMemory ? Options.MemoryHandoverWait : Options.HandoverWait;

    // It is to stop, or has asked to be stopped: what it began from now on would only fence the next owner, or be fenced.
    private bool IsEnding => _stops || _asksToStop;

    /// <summary>
    /// Before the first request. Not before anything else: one that was started again after a failure, and is told to go, has nothing to open.
    /// </summary>
    private void Begin()
    {
        if (_begun)
        {
            return;
        }

        _begun = true;
        _handover = _services.Keeper.Take(_self.Name, alone: _services.IsMemory);
        if (_handover is null && _services.Active.IsOverfull)
        {
            _isOneTooMany = true;
            _services.Metrics.Refused();
            Rest();
            return;
        }

        _services.Metrics.Taken(_handover is not null);
        if (_handover is { Held: { Count: > 0 } held })
        {
            // They do not hang on the log.
            _services.Names.Add(_self.Name, held);
        }

        if (_services.IsMemory && _handover is not null)
        {
            _claimsSince = Clock.GetTimestamp();
            Claim();
        }
        else
        {
            Open();
        }
    }

    /// <summary>
    /// Nothing but what others keep tells of a memory room's log, and whoever has a copy may go on with it. So it is opened when all of them have
    /// said that they will not: a node that comes to own the room later, and had not heard of this activation, would give the same numbers to
    /// other events.
    /// </summary>
    private void Claim()
    {
        _claim = ++_lastOffer;
        _keepers = _services.Keepers.Offer(_claim.Value, _self.Name, RoomHandover.Nothing(_handover!.Epoch + 1), Self);
        if (_keepers == 0)
        {
            EndClaim();
        }
        else
        {
            Timers.StartSingleTimer(KeepersTimer, KeepersLate.Instance, Options.HandoverWait);
        }
    }

    private void EndClaim()
    {
        _claim = null;
        Timers.Cancel(KeepersTimer);
        Open();
    }

    /// <returns>False: what was handed over is not the truth, and the room is to be opened without it.</returns>
    private bool TakeOver(OpenedRoom room)
    {
        var handed = _handover!;
        _handover = null;
        if (IsStale(handed))
        {
            _services.Logger.HandoverStale(_self.Name, handed.Log, handed.Head);
            return false;
        }

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

        if (_services.IsMemory)
        {
            _continues = handed.Epoch;
        }

        return true;
    }

    /// <summary>
    /// A gateway has heard of an activation after the one that handed over. That one may have gone on with the log, and of a memory room
    /// nothing else tells: to go on once more would put other events under the same numbers.
    /// </summary>
    private bool IsStale(RoomHandover handed)
        => _services.IsMemory && _stash.Any(r => r is Subscribe subscribe && subscribe.Epoch > handed.Epoch);

    /// <summary>
    /// Whether a memory room goes on with what is older than an activation that a gateway has heard of: what that one gave up, and its word that
    /// nothing is to be kept, did not come here. Its events may be lost, so this has to be another log.
    /// </summary>
    private bool IsStale(long heard) => _continues is { } continued && heard > continued && heard != _epoch;

    /// <summary>At the end of a turn, when the room is to stop and no append is under way.</summary>
    private void GiveUpRoom()
    {
        if (_offer is not null)
        {
            return;
        }

        FlushPresence(last: true);
        (_claim, _keepers) = (null, 0);
        _givesUpSince = Clock.GetTimestamp();
        var state = _rests ? null : ToHandOver();
        _offer = ++_lastOffer;
        if (state is not null)
        {
            // The next activation may be here: sharding places a room that it takes away wherever the load is least.
            _services.Keeper.Keep(_self.Name, state);
            _keepers = _services.Keepers.Offer(_offer.Value, _self.Name, state, Self);
        }

        if (_keepers == 0)
        {
            GoAway(withState: false);
        }
        else
        {
            Timers.StartSingleTimer(KeepersTimer, KeepersLate.Instance, HandoverWait);
        }
    }

    private void OnKept(long offer)
    {
        if ((offer == _offer || offer == _claim) && --_keepers == 0)
        {
            if (_claim is null)
            {
                GoAway(withState: true);
            }
            else
            {
                EndClaim();
            }
        }
    }

    private void OnKeepersLate()
    {
        if (_claim is null)
        {
            GoAway(withState: false);
        }
        else if (Clock.GetElapsedTime(_claimsSince) < Options.MemoryClaimWait)
        {
            // A word may be lost, and who did not answer may be gone by now.
            Claim();
        }
        else
        {
            _services.Logger.HandoverNotClaimed(_self.Name, _handover!.Log, _handover.Head);
            _handover = null;
            EndClaim();
        }
    }

    private void GoAway(bool withState)
    {
        if (!_rests)
        {
            _services.Metrics.Given(withState, Clock.GetElapsedTime(_givesUpSince));
        }

        RefuseStash(Unavailable);
        Context.Stop(Self);
    }

    /// <summary>Nobody needs the room, or it is another node's: what comes for it from now on waits for its next activation.</summary>
    private void Rest()
    {
        if (!IsEnding)
        {
            _asksToStop = true;
            Context.Parent.Tell(new Passivate(StopRoom.Resting), Self);
        }
    }

    private RoomHandover? ToHandOver()
    {
        var held = _services.Names.Take(_self.Name);
        if (_state is not { } state)
        {
            // It moves on before it was opened here, as of an activation of its own: of the earlier one the others want to hear no more.
            return _handover is { } handover
                ? handover with { Held = handover.Held.Count > 0 ? held : handover.Held, Epoch = handover.Epoch + (_services.IsMemory ? 1 : 0) }
                : null;
        }

        var gateways = _subscribers.Gateways.Union(_awaited.All).ToImmutableArray();
        return gateways.IsEmpty && held.Count == 0 && (!_services.IsMemory || state.Head == 0)
            ? null
            : HandoverState.Pack(state, _epoch, _presence, gateways, held, _services.IsMemory ? Options.MemoryHandoverBytes : Options.HandoverBytes);
    }
}
