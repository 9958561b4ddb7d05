using System.Diagnostics;

namespace ClusterChat.Diagnostics;

/// <summary>
/// A node's spans of messages. The gateway that takes a message decides whether it is traced, and begins the root span; all
/// others (<c>link</c>, <c>decide</c>, <c>append</c>, <c>deliver</c>) are children of that one, and are made when what they
/// tell of has ended. So nothing is kept open across actors, and nothing flows by way of a thread.
/// </summary>
/// <param name="node">The node's name: a tag of each span.</param>
/// <param name="ratio">The share of messages to trace, 0 to 1.</param>
/// <param name="clock">The clock of starts and ends.</param>
public sealed class MessageTraces(string node, double ratio, TimeProvider clock) : IDisposable
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = "ClusterChat";

    private readonly ActivitySource _source = new(SourceName);

    /// <summary>The root span of a message that a client has handed in.</summary>
    /// <returns>Null for nearly all of them: not traced.</returns>
    public Activity? Begin(string room)
    {
        if (!_source.HasListeners() || (ratio < 1 && Random.Shared.NextDouble() >= ratio))
            return null;
        return Start("send", ActivityKind.Server, default, room, clock.GetUtcNow());
    }

    /// <summary>Ends a root span.</summary>
    /// <param name="root">The span.</param>
    /// <param name="error">The code of the refusal; null for an ack.</param>
    public void End(Activity root, string? error)
    {
        if (error is not null)
            root.SetStatus(ActivityStatusCode.Error, error);
        Stop(root);
    }

    /// <summary>What a message of this span carries.</summary>
    public MessageTrace Of(Activity root) => new(root.Context, clock.GetUtcNow());

    /// <summary>The same message, handed on now.</summary>
    public MessageTrace HandOn(MessageTrace trace) => trace with { SentAt = clock.GetUtcNow() };

    /// <summary>A message has come over a link. Two nodes' clocks differ: the span is never shorter than nothing.</summary>
    public void Arrived(MessageTrace trace, string room, string peer)
    {
        var now = clock.GetUtcNow();
        if (Start("link", ActivityKind.Internal, trace.Parent, room, trace.SentAt < now ? trace.SentAt : now) is { } span)
        {
            span.SetTag("clusterchat.peer", peer);
            Stop(span, now);
        }
    }

    /// <summary>Something was done with a message, and has just ended.</summary>
    /// <param name="name">What.</param>
    /// <param name="trace">The message.</param>
    /// <param name="room">Its room.</param>
    /// <param name="took">For how long.</param>
    /// <param name="outcome">What became of it; null where only one thing can.</param>
    public void Done(string name, MessageTrace trace, string room, TimeSpan took, string? outcome = null)
    {
        var now = clock.GetUtcNow();
        if (Start(name, ActivityKind.Internal, trace.Parent, room, now - took) is { } span)
        {
            if (outcome is not null)
                span.SetTag("clusterchat.outcome", outcome);
            Stop(span, now);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private Activity? Start(string name, ActivityKind kind, ActivityContext parent, string room, DateTimeOffset start)
    {
        // A span becomes the current one of its thread; an actor's turn is not to hand it on to whatever comes next.
        var current = Activity.Current;
        Activity.Current = null;
        var span = _source.StartActivity(name, kind, parent, startTime: start);
        Activity.Current = current;
        return span?.SetTag("clusterchat.room", room).SetTag("clusterchat.node", node);
    }

    private void Stop(Activity span) => Stop(span, clock.GetUtcNow());

    private static void Stop(Activity span, DateTimeOffset at)
    {
        var current = Activity.Current;
        span.SetEndTime(at.UtcDateTime);
        span.Stop();
        Activity.Current = current;
    }
}
