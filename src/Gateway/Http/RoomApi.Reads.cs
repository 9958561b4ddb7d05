using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Identity;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http;

/// <content>Events that are read: pages of history, and long polls. A read is paid for by what it takes.</content>
internal sealed partial class RoomApi
{
    /// <summary>A read counts from here on until its answer is taken, and costs what that is long.</summary>
    private async Task WithPermit(HttpContext context, ClientIdentity? who, Func<Task> read)
    {
        var (permit, refused) = await BeginReadAsync(context, who);
        using var held = permit;
        if (refused is not null)
        {
            await Problems.WriteAsync(context, refused);
            return;
        }

        try
        {
            await read();
        }
        finally
        {
            // Also where nobody took it.
            permit!.Charge(context.Response.ContentLength ?? 0);
        }
    }

    private ValueTask<(ReadPermit? Permit, ProtocolError? Error)> BeginReadAsync(HttpContext context, ClientIdentity? who)
    {
        var address = AddressKey.Of(context.Connection.RemoteIpAddress);

        // A guest that shows no session of its own could be a new one each time.
        return who is null or { IsNew: true }
            ? _services.Limits.Reads.BeginAnonymousAsync(address, context.RequestAborted)
            : new(_services.Limits.Reads.Begin(address));
    }

    private async Task ReadAsync(HttpContext context, string room, ClientIdentity? who)
    {
        var limits = _services.Protocol;
        var limit = (int)Integer(context, "limit", limits.DefaultPageSize, 1, limits.MaxPageSize);
        var after = context.Request.Query["after"].ToString();
        if (after.Length == 0)
        {
            var before = Integer(context, "before", long.MaxValue, 1, ProtocolLimits.MaxInteger);
            await WithPermit(context, who, async () =>
            {
                var answer = await AskAsync(Origin(context, who), query => new ReadHistory(query, null, room, Visitor: true, 0, before, limit));
                await WriteAsync(context, answer, answer.Page is { } page
                    ? ServerMessages.History(null, room, page.Log, page.Lines, page.More)
                    : null);
            });
        }
        else if (Position.TryParse(after, out var position))
        {
            var wait = TimeSpan.FromSeconds(Integer(context, "wait", 0, 0, (long)_services.Options.MaxPollWait.TotalSeconds));

            // Who asks for headers alone, asks what there is now.
            await PollAsync(context, room, who, position, limit, HttpMethods.IsHead(context.Request.Method) ? TimeSpan.Zero : wait);
        }
        else
        {
            throw new BadHttpRequestException("after: must be LOG/SEQ");
        }
    }

    /// <summary>
    /// Events after a position. With a wait it is a listener in the room for the time, so that nothing can come
    /// between the look and the wait.
    /// </summary>
    private async Task PollAsync(HttpContext context, string room, ClientIdentity? who, Position after, int limit, TimeSpan wait)
    {
        var (allowance, full) = _services.Limits.Connect(context.Connection.RemoteIpAddress);
        using var held = allowance;
        if (full is not null)
        {
            await Problems.WriteAsync(context, full);
            return;
        }

        var (permit, tooMuch) = await BeginReadAsync(context, who);
        using var reading = permit;
        if (tooMuch is not null)
        {
            await Problems.WriteAsync(context, tooMuch);
            return;
        }

        var query = new RoomQuery(Origin(context, who));
        var join = new JoinRoom(query, null, room, null, after, limit);
        _services.Rooms.Tell(join);
        try
        {
            var answer = await query.Answer;
            if (answer.Entered is not { } page)
            {
                await WriteAsync(context, answer, null);
                return;
            }

            if (!page.Recovered)
            {
                await Problems.WriteAsync(context, new ProtocolError(
                    ErrorCode.LogChanged, $"The room cannot go on after {after}: it is at {page.Log}/{page.Seq}."));
                return;
            }

            var events = page.Events;
            if (events.Count == 0 && wait > TimeSpan.Zero)
            {
                // Who waits reads nothing; it counts as a connection meanwhile.
                permit!.Dispose();
                events = await FirstEventAsync(context, query, wait, who) is { } first ? [first] : [];
                if (KeepsOut(context, who) is { } keptOut)
                {
                    await Problems.WriteAsync(context, keptOut);
                    return;
                }
            }

            var lines = events.Take(limit).Select(e => e.Line).ToList();
            await WriteJsonAsync(context, ServerMessages.History(null, room, page.Log, lines, page.More || events.Count > limit));
        }
        finally
        {
            permit!.Charge(context.Response.ContentLength ?? 0);
            _services.Rooms.Release(join, mayReturn: false);
        }
    }

    private async Task<RoomEvent?> FirstEventAsync(HttpContext context, RoomQuery query, TimeSpan wait, ClientIdentity? who)
    {
        // A held poll would hold the process too: when the gateway leaves, its time is over.
        var leaving = _services.Drain.Leaving;
        var since = _services.Clock.GetTimestamp();
        for (var left = wait; left > TimeSpan.Zero; left = wait - _services.Clock.GetElapsedTime(since))
        {
            // The token first: a change behind it is noticed, one before it is in the list.
            var changed = _services.KeptOut.Changed;
            if (_services.KeptOut.WhyEnd(context.Connection.RemoteIpAddress, who) is not null)
            {
                return null;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, leaving, changed);
            try
            {
                return await query.FirstEvent.WaitAsync(left, _services.Clock, either.Token);
            }
            catch (TimeoutException)
            {
                return null;
            }
            catch (OperationCanceledException) when (leaving.IsCancellationRequested)
            {
                return null;
            }
            catch (OperationCanceledException) when (changed.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
            {
                // Most changes are about others.
            }
        }

        return null;
    }

    /// <summary>Why who is here already must not be any more; null where it may.</summary>
    private ProtocolError? KeepsOut(HttpContext context, ClientIdentity? who)
        => _services.KeptOut.Refuse(context.Connection.RemoteIpAddress) ?? (who is null ? null : _services.KeptOut.Refuse(who));
}
