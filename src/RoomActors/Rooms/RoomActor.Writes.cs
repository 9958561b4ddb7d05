using ClusterChat.Cluster;
using ClusterChat.Diagnostics;
using ClusterChat.Protocol;
using ClusterChat.RoomActors.Journal;

namespace ClusterChat.RoomActors.Rooms;

/// <content>Writes: take, decide, append, then ack and publish.</content>
internal sealed partial class RoomActor
{
    private static readonly ProtocolError NoSpace =
        new(ErrorCode.Unavailable, "The server has no space left for messages; its operator has been told.", ErrorCodes.LastingRetryMs * 5);

    private readonly List<Write> _waiting = [];
    private AppendUnderWay? _inFlight;

    // While above 0, writes go one by one: an append was rejected, and this finds the one that is to blame.
    private int _oneByOne;

    private void OnWrite(RoomSubscriber subscriber, Write write)
    {
        if (write.Trace is { } trace && Sender.Path.Address is { Host: not null } gateway)
        {
            _services.Traces?.Arrived(trace, _self.Name, gateway.ToString());
        }

        if (write.Visitor && RefuseName(write.Author) is { } taken && !_state!.TryFind(write.Author.User, write.Mid, out _))
        {
            subscriber.TryTake(write);
            Answer(write, new WriteDone(write.Number, 0, 0, false, taken));
            return;
        }

        if (!subscriber.TryTake(write))
        {
            return;
        }

        if (_services.Space is { IsFull: true } && !_state!.TryFind(write.Author.User, write.Mid, out _))
        {
            // Taken, and answered for good: the gateway does not try on, since that will not be over soon, and what comes behind keeps its order.
            Answer(write, new WriteDone(write.Number, 0, 0, false, NoSpace));
            return;
        }

        if (_waiting.Count >= Options.MaxWaitingWrites)
        {
            subscriber.GiveBack();
            Answer(write, new WriteDone(write.Number, 0, 0, false, Busy));
            return;
        }

        _waiting.Add(write);
    }

    private void SubmitWaiting()
    {
        if (_state is null || _opening || _inFlight is not null || _failedOpens > 0 || IsEnding)
        {
            return;
        }

        while (_waiting.Count > 0)
        {
            var count = _oneByOne > 0 ? 1 : Math.Min(_waiting.Count, Options.MaxBatchWrites);
            var writes = _waiting.GetRange(0, count);
            _waiting.RemoveRange(0, count);
            _oneByOne = Math.Max(0, _oneByOne - 1);
            var began = Clock.GetTimestamp();
            var decision = RoomDecider.Decide(_state, writes, Clock.GetUtcNow().ToUnixTimeMilliseconds());
            var decided = Clock.GetTimestamp();
            _services.Metrics.Decided(Clock.GetElapsedTime(began, decided));
            var traces = Traces(writes);
            foreach (var trace in traces)
            {
                _services.Traces?.Done("decide", trace, _self.Name, Clock.GetElapsedTime(began, decided));
            }

            if (decision.Events.Count == 0)
            {
                Answer(writes, decision);
                continue;
            }

            _inFlight = new AppendUnderWay(Self, writes, decision, decided, traces);
            _services.Writer.Append(new AppendEntry(_self.Name, _epoch, _state.Head, decision.Events), _inFlight);
            return;
        }
    }

    private void OnAppendDone(AppendDone done)
    {
        if (_inFlight is not { } inFlight || inFlight != done.Append)
        {
            return;
        }

        _inFlight = null;
        if (done.Result.Status == AppendStatus.Fenced && _state!.Head == 0)
        {
            // As long as nothing is stored an opening of another room may do it, so it says nothing, and is not counted.
            _services.Logger.UnstoredFenced(_self.Name);
            _waiting.InsertRange(0, inFlight.Writes);
            Open();
            return;
        }

        Measure(inFlight, done.Result.Status);
        switch (done.Result.Status)
        {
            case AppendStatus.Committed:
                for (var i = 0; i < inFlight.Decision.Events.Count; i++)
                {
                    _state!.Apply(inFlight.Decision.Events[i]);
                }

                Answer(inFlight.Writes, inFlight.Decision);
                Publish(inFlight.Decision.Events, inFlight.Traces);
                return;

            case AppendStatus.Duplicate when done.Result.Duplicates.Count > 0:
                foreach (var known in done.Result.Duplicates)
                {
                    _state!.Remember(known);
                }

                _waiting.InsertRange(0, inFlight.Writes);
                return;

            case AppendStatus.Rejected when inFlight.Writes.Count == 1:
                _services.Logger.WriteRejected(_self.Name, done.Result.Error);
                var rejected = new ProtocolError(ErrorCode.BadRequest, "The store refuses this message.");
                Answer(inFlight.Writes[0], new WriteDone(inFlight.Writes[0].Number, 0, 0, false, rejected));
                return;

            case AppendStatus.Rejected:
                _oneByOne = inFlight.Writes.Count;
                _waiting.InsertRange(0, inFlight.Writes);
                return;

            default:
                _services.Logger.AppendUnsettled(_self.Name, done.Result.Status, done.Result.Error);
                _waiting.InsertRange(0, inFlight.Writes);
                Open();
                return;
        }
    }

    /// <summary>
    /// An opening decides what becomes of an append that is still under way: it is in the tail, or fenced. Its
    /// writes are decided again, and its answer, when it comes, says nothing new.
    /// </summary>
    private void SettleInFlight()
    {
        if (_inFlight is { } inFlight)
        {
            _inFlight = null;
            _waiting.InsertRange(0, inFlight.Writes);
        }
    }

    private void Measure(AppendUnderWay append, AppendStatus status)
    {
        var took = Clock.GetElapsedTime(append.Since);
        _services.Metrics.Appended(status, took);
        foreach (var trace in append.Traces)
        {
            _services.Traces?.Done("append", trace, _self.Name, took, status.ToString().ToLowerInvariant());
        }
    }

    private static MessageTrace[] Traces(List<Write> writes)
    {
        List<MessageTrace>? traces = null;
        foreach (var write in writes)
        {
            if (write.Trace is { } trace)
            {
                (traces ??= []).Add(trace);
            }
        }

        return traces?.ToArray() ?? [];
    }

    private void Answer(IReadOnlyList<Write> writes, RoomDecision decision)
    {
        // Nearly always one gateway's writes follow each other; one message for each run of them.
        var start = 0;
        while (start < writes.Count)
        {
            var end = start + 1;
            while (end < writes.Count && writes[end].Gateway == writes[start].Gateway && writes[end].Stream == writes[start].Stream)
            {
                end++;
            }

            var answers = new WriteDone[end - start];
            for (var i = start; i < end; i++)
            {
                var verdict = decision.Verdicts[i];
                answers[i - start] = new WriteDone(writes[i].Number, verdict.At.Seq, verdict.At.Ts, verdict.Dup, verdict.Error);
            }

            _services.Links.Tell(writes[start].Gateway, new WritesDone(_self.Name, writes[start].Stream, answers), Self);
            start = end;
        }
    }

    private void Answer(Write write, WriteDone answer)
        => _services.Links.Tell(write.Gateway, new WritesDone(_self.Name, write.Stream, [answer]), Self);

    /// <summary>Answers all that waits with a temporary error: the gateways will send it again, in order.</summary>
    private void GiveBackWaiting(ProtocolError error)
    {
        foreach (var write in _waiting)
        {
            _subscribers.Find(write.Gateway)?.GiveBack();
            Answer(write, new WriteDone(write.Number, 0, 0, false, error));
        }

        _waiting.Clear();
    }

    /// <summary>A new stream sends again whatever is unanswered, so what waits of the old one is let go.</summary>
    private void ForgetWaiting(string gateway) => _waiting.RemoveAll(w => w.Gateway == gateway);
}
