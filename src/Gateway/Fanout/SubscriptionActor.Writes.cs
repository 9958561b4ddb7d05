using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <content>Writes: kept until they are answered, sent again in order.</content>
internal sealed partial class SubscriptionActor
{
    private static readonly ProtocolError Busy =
        new(ErrorCode.Busy, "Too many messages wait for this room.", RetryMs: 500);

    // What goes out together: the texts of that many characters, and what comes on top, are far from the largest message of a link.
    private const int GatheredLength = 32 * 1024;

    private readonly PendingWrites _writes = new();
    private readonly List<Write> _gatheredWrites = [];
    private int _gatheredLength;
    private long _resendAt = long.MaxValue;

    private void OnWrite(WriteRoom call)
    {
        if (_writes.Count >= services.Options.MaxUnackedPerRoom)
        {
            RefuseForNow(call, Busy);
            return;
        }

        if (_seats.TryGetValue(call.Client, out var seat) && seat.Unheard is { } asked)
        {
            if (!call.Client.HasHeard(asked))
            {
                RefuseForNow(call, Unavailable);
                return;
            }

            seat.Unheard = null;
        }

        NeedStream();
        var write = _writes.Add(call, Now);
        if (_resendAt == long.MaxValue)
        {
            SendWrite(write);
        }
    }

    /// <summary>
    /// Refuses a write that the client will send again, and with it all that come behind it until the client has heard so: of a client that is gone
    /// without having heard, a later write must not come before it.
    /// </summary>
    private void RefuseForNow(WriteRoom write, ProtocolError error)
    {
        write.Client.OnRefused(write, error);
        if (_seats.TryGetValue(write.Client, out var seat))
        {
            seat.Unheard = write.Client.AskWhetherHeard();
        }
    }

    /// <summary>Sends a write at the end of the turn, with the others of it.</summary>
    private void SendWrite(PendingWrite write)
    {
        var call = write.Call;
        _gatheredWrites.Add(new Write(
            Room, services.Cluster.Self, _stream, write.Number, _writes.Before(write), call.Author, call.Visitor, call.Mid, call.Content)
        {
            Trace = call.Span is null ? null : services.Traces?.Of(call.Span),
        });
        _gatheredLength += call.Content is MessageContent message ? message.Text.Length + message.Data.Length : 0;
        if (_gatheredLength >= GatheredLength)
        {
            SendGatheredWrites();
        }
    }

    /// <summary>A message of its own for each write would cost the links more than the room's work.</summary>
    private void SendGatheredWrites()
    {
        if (_gatheredWrites.Count > 0)
        {
            services.Cluster.Tell(_gatheredWrites.Count == 1
                ? _gatheredWrites[0]
                : new Writes(Room, services.Cluster.Self, _stream, _gatheredWrites.ToArray()));
            ForgetGatheredWrites();
        }
    }

    private void ForgetGatheredWrites()
    {
        _gatheredWrites.Clear();
        _gatheredLength = 0;
    }

    /// <summary>Tells the room something, behind what was to go before it.</summary>
    private void Tell(ToRoom message)
    {
        SendGatheredWrites();
        services.Cluster.Tell(message);
    }

    private void SendAllWrites()
    {
        foreach (var write in _writes.All)
        {
            SendWrite(write);
        }
    }

    private void OnWritesDone(WritesDone done)
    {
        foreach (var write in done.Writes)
        {
            if (write.Error is { RetryMs: < ErrorCodes.LastingRetryMs } error && ErrorCodes.IsTemporary(error.Code))
            {
                if (_writes.Contains(write.Number) && _resendAt == long.MaxValue)
                {
                    _resendAt = Now + (long)TickInterval.TotalMilliseconds;
                }
            }
            else
            {
                Answer(write.Number, write.Seq, write.Ts, write.Dup, write.Error);
            }
        }
    }

    /// <summary>
    /// Gives up the oldest write if it is too old, and with it all later ones of its author: a user whose
    /// earlier write failed unheard, with a connection that is gone, would see the later one come first.
    /// </summary>
    private void ExpireWrites(long now)
    {
        while (_writes.Oldest is { } oldest && now - oldest.Since > services.Options.WriteTimeout.TotalMilliseconds)
        {
            var author = oldest.Call.Author.User;
            foreach (var write in _writes.All.Where(w => w.Call.Author.User == author).ToList())
            {
                Answer(write.Number, 0, 0, false, Unavailable);
            }

            RefuseWaitingOf(author);
        }
    }

    private void Answer(long number, long seq, long ts, bool dup, ProtocolError? error)
    {
        if (!_writes.TryTake(number, out var write))
        {
            return;
        }

        if (write.Call.Span is { } span)
        {
            services.Traces?.End(span, error is null ? null : ErrorCodes.Name(error.Code));
        }

        if (error is null)
        {
            services.Metrics.Acked(dup, services.Clock.GetElapsedTime(write.Call.BegunAt));
            write.Call.Client.OnWritten(write.Call, seq, ts, dup);
        }
        else if (ErrorCodes.IsTemporary(error.Code))
        {
            RefuseForNow(write.Call, error);
        }
        else
        {
            write.Call.Client.OnRefused(write.Call, error);
        }
    }
}
