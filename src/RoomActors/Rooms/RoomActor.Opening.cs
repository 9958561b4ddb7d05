using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <content>Opening: the epoch and the tail from the journal; requests that come meanwhile wait.</content>
internal sealed partial class RoomActor
{
    private const string ReopenTimer = "reopen";

    private readonly List<ToRoom> _stash = [];
    private bool _opening;
    private long _openingSince;
    private int _failedOpens;

    // The node has all the rooms that it may have: this one opens nothing, and goes.
    private bool _isOneTooMany;

    private void Stash(ToRoom request)
    {
        if (_isOneTooMany)
        {
            RefuseUnopened(request, Full);
        }
        else if (_stash.Count < Options.MaxStashed)
        {
            _stash.Add(request);
        }
        else
        {
            RefuseUnopened(request, Busy);
        }
    }

    private void Open()
    {
        if (_opening || IsEnding)
        {
            return;
        }

        if (_services.Views.Number is not { } view)
        {
            // Not a member (any more): the next owner has begun, and this one would fence it.
            RefuseStash(Unavailable);
            Rest();
            return;
        }

        _opening = true;
        _openingSince = Clock.GetTimestamp();
        Timers.Cancel(ReopenTimer);
        var handed = _state is null ? _handover : null;
        this.Pipe(
            Self,
            () => handed is not null && _services.Volatile is { } memory
                ? ValueTask.FromResult<OpenedRoom?>(memory.Continue(handed, view))
                : _services.Journal.OpenAsync(_self.Name, view, handed is null ? _limits.TailEvents : 0, _stopped.Token),
            room => new RoomOpened(room, null),
            error => new RoomOpened(null, error));
    }

    private void OnOpened(RoomOpened opened)
    {
        _opening = false;
        if (_offer is not null)
        {
            // Too late: what it knew is with the keepers already, and to take it over here would have them forget it.
            return;
        }

        if (opened.Error is { } error)
        {
            _failedOpens++;
            _services.Metrics.OpenFailed();
            _services.Logger.OpenFailed(_self.Name, _failedOpens, error.Message);
            GiveBackWaiting(Unavailable);
            RefuseStash(Unavailable);
            var pause = Options.ReopenAfter * (1 << Math.Min(_failedOpens - 1, 4));
            Timers.StartSingleTimer(ReopenTimer, Reopen.Instance, pause);
            return;
        }

        _services.Metrics.Opened(Clock.GetElapsedTime(_openingSince));
        if (opened.Room is not { } room)
        {
            // It was opened under a newer view. Who asks again finds it there, or here under that view.
            RefuseStash(Unavailable);
            _services.Views.Refresh();
            Rest();
            return;
        }

        _failedOpens = 0;
        SettleInFlight();
        if (_state is null && _handover is not null)
        {
            if (!TakeOver(room))
            {
                Open();
                return;
            }
        }
        else
        {
            Take(room);
        }

        ShowActivation();
        AnswerStash();
    }

    private void Take(OpenedRoom room)
    {
        var old = _state;
        _epoch = room.Epoch;
        _continues = null;
        _state = new RoomState(_self.Name, room, _limits);
        if (old is not null && old.Log == _state.Log)
        {
            Publish([.. _state.Tail.Where(e => e.Seq > old.Head)]);
        }
        else if (old is not null)
        {
            EndAllStreams();
        }
    }

    private void AnswerStash()
    {
        var stashed = _stash.ToArray();
        _stash.Clear();
        foreach (var request in stashed)
        {
            if (request is Enter enter && _subscribers.TryFind(enter, out var subscriber))
            {
                OnEnter(subscriber, enter, headIsVerified: true);
            }
            else
            {
                Receive(request);
            }
        }
    }

    private void RefuseStash(ProtocolError error)
    {
        foreach (var request in _stash)
        {
            RefuseUnopened(request, error);
        }

        _stash.Clear();
    }

    private void RefuseUnopened(ToRoom request, ProtocolError error)
    {
        FromRoom? answer = request switch
        {
            Subscribe or Leave => new StreamEnded(_self.Name, request.Stream, Full: ReferenceEquals(error, Full)),
            Enter enter => new Refused(_self.Name, request.Stream, enter.Request, error),
            ReadEvents read => new Refused(_self.Name, request.Stream, read.Request, error),
            ListMembers list => new Refused(_self.Name, request.Stream, list.Request, error),
            Write write => new WritesDone(_self.Name, request.Stream, [new WriteDone(write.Number, 0, 0, false, error)]),
            _ => null,
        };
        if (answer is not null)
        {
            _services.Links.Tell(request.Gateway, answer, Self);
        }
    }

    private void EndAllStreams()
    {
        foreach (var subscriber in _subscribers.All)
        {
            Reply(subscriber, new StreamEnded(_self.Name, subscriber.Stream));
            EndStream(subscriber.Gateway, subscriber.Stream);
        }
    }
}
