using ClusterChat.Actors;
using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <content>Pages: who enters, resumes or reads history gets committed events from memory or the journal.</content>
internal sealed partial class RoomActor
{
    private static readonly ProtocolError TooManyReads =
        new(ErrorCode.Unavailable, "Too much is being read from the journal right now.", RetryMs: 1000);

    private void OnEnter(RoomSubscriber subscriber, Enter enter, bool headIsVerified)
    {
        var state = _state!;
        if (!_services.IsMemory && !headIsVerified && enter.Since is { } since && since.Log == state.Log && since.Seq > state.Head)
        {
            // The client has seen more than this owner knows of: another one may have committed since. (A memory
            // room has nowhere to look; to open it again would begin its log anew.)
            Stash(enter);
            Open();
            return;
        }

        if (enter.Member is { } member && TakeName(enter.Gateway, member, comesBack: enter.Since is not null) is { } refused)
        {
            Reply(subscriber, new Refused(_self.Name, enter.Stream, enter.Request, refused));
            return;
        }

        var resumes = enter.Since is { } from && from.Log == state.Log && from.Seq <= state.Head && from.Seq >= state.First - 1;
        var range = resumes
            ? new ReadRange(enter.Since!.Seq, state.Head + 1, Options.MaxPage, Newest: false, Options.MaxPageBytes)
            : new ReadRange(0, state.Head + 1, Math.Min(enter.Limit, Options.MaxPage), Newest: true, Options.MaxPageBytes);
        ReadPage(new PageRequest(
            enter.Gateway,
            enter.Stream,
            enter.Request,
            range,
            Start: resumes ? enter.Since!.Seq : state.Head,
            Recovered: resumes || enter.Since is null,
            Entering: true,
            state.Head,
            Math.Min(enter.Limit, Options.MaxPage)));
    }

    private void OnRead(RoomSubscriber subscriber, ReadEvents read)
    {
        var head = _state!.Head;
        var range = new ReadRange(
            read.After, Math.Min(read.Before, head + 1), Math.Min(read.Limit, Options.MaxPage), read.Newest, Options.MaxPageBytes);
        ReadPage(new PageRequest(
            subscriber.Gateway,
            read.Stream,
            read.Request,
            range,
            Start: Math.Min(read.After, head),
            Recovered: read.Newest || read.After >= _state.First - 1,
            Entering: false,
            head,
            Newest: 0));
    }

    private void ReadPage(PageRequest request)
    {
        if (_state!.TryRead(request.Range) is { } events)
        {
            SendPage(request, events);
            return;
        }

        if (_subscribers.Find(request.Gateway) is not { } subscriber || subscriber.Stream != request.Stream)
        {
            // The gateway asks again on its new stream.
            return;
        }

        this.Pipe(
            Self,
            () => _services.Journal.ReadAsync(_self.Name, request.Range, subscriber.Ended),
            read => new ReadDone(request, read, null),
            error => new ReadDone(request, null, error));
    }

    private void OnReadDone(ReadDone done)
    {
        if (done.Error is OperationCanceledException)
        {
            return;
        }

        if (done.Events is { } events)
        {
            if (BeginsLate(done.Request, events))
            {
                SendNewest(done.Request, events);
            }
            else
            {
                SendPage(done.Request, events);
            }

            return;
        }

        // What is refused for the number of reads is counted, and no reason to write to the log.
        var isRefused = done.Error is ReadsFullException;
        if (!isRefused)
        {
            _services.Logger.ReadFailed(_self.Name, done.Error?.Message);
        }

        _services.Links.Tell(
            done.Request.Gateway,
            new Refused(_self.Name, done.Request.Stream, done.Request.Request, isRefused ? TooManyReads : Unavailable),
            Self);
    }

    /// <summary>Whether events that the page has to begin with were trimmed since the room was opened.</summary>
    private static bool BeginsLate(PageRequest request, IReadOnlyList<StoredEvent> events)
        => request is { Recovered: true, Range: { Newest: false, Limit: > 0 } } && (events.Count == 0 || events[0].Seq > request.Start + 1);

    private void SendNewest(PageRequest request, IReadOnlyList<StoredEvent> events)
    {
        if (events.Count > 0)
        {
            _state!.Trim(events[0].Seq);
        }

        request = request with { Recovered = false };
        if (request.Entering)
        {
            var range = new ReadRange(0, request.Head + 1, request.Newest, Newest: true, Options.MaxPageBytes);
            ReadPage(request with { Range = range, Start = request.Head });
        }
        else
        {
            SendPage(request, events);
        }
    }

    private void SendPage(PageRequest request, IReadOnlyList<StoredEvent> events)
    {
        var lines = new ReadOnlyMemory<byte>[events.Count];
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = events[i].Line;
        }

        var first = events.Count > 0 ? events[0].Seq : 0;
        var end = events.Count > 0 ? events[^1].Seq : request.Start;
        var more = request.Range.Newest
            ? events.Count > 0 && first > Math.Max(_state!.First, request.Range.After + 1)
            : end < Math.Min(request.Head, request.Range.Before - 1);
        if (request.Entering)
        {
            FlushPresence();
        }

        var members = request.Entering && _presence.ToldCount <= Options.NamedPresence
            ? _presence.List(string.Empty, Options.NamedPresence).Names
            : null;
        _services.Links.Tell(request.Gateway, new EventPage(
            _self.Name, request.Stream, request.Request, _state!.Log, first, lines, end, more, request.Recovered, _presence.ToldCount, members), Self);
    }
}
