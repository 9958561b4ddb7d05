using System.Net;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Http;

/// <summary>One question of an HTTP request to a room: it has one answer.</summary>
/// <param name="origin">Who asks.</param>
/// <param name="audit">Where it is kept who writes what; null where it is not.</param>
/// <param name="session">The session of who asks.</param>
/// <param name="address">From where.</param>
internal sealed class RoomQuery(RoomOrigin origin, AuditTrail? audit = null, string? session = null, IPAddress? address = null) : IRoomClient
{
    private readonly TaskCompletionSource<RoomAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<RoomEvent?> _event = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RoomOrigin? Origin => origin;

    /// <summary>The answer.</summary>
    public Task<RoomAnswer> Answer => _answer.Task;

    /// <summary>The first event after a join; null where the room let the client go.</summary>
    public Task<RoomEvent?> FirstEvent => _event.Task;

    // The request itself pays for its answer.
    public void OnRead(long bytes)
    {
    }

    public void OnEvents(RoomEvents events) => _event.TrySetResult(events.Events[0]);

    public void OnEntered(JoinRoom join, EnteredPage page) => _answer.TrySetResult(new RoomAnswer { Entered = page });

    public void OnRefused(RoomCall call, ProtocolError error) => _answer.TrySetResult(new RoomAnswer { Error = error });

    public void OnWritten(WriteRoom write, long seq, long ts, bool dup)
    {
        audit?.Acked(write, seq, dup, session, address);
        _answer.TrySetResult(new RoomAnswer { Ack = ServerMessages.Ack(null, write.Room, write.Mid, seq, ts, dup) });
    }

    public void OnHistory(ReadHistory read, EventPage page) => _answer.TrySetResult(new RoomAnswer { Page = page });

    public void OnMembers(ReadMembers read, MemberPage page) => _answer.TrySetResult(new RoomAnswer { Members = page });

    public void OnLeft(LeaveRoom leave)
    {
    }

    public void OnPresence(PresenceChanged presence)
    {
    }

    public void OnTyping(string room, string name, string uid)
    {
    }

    public void OnReset(JoinRoom join) => _event.TrySetResult(null);

    public int AskWhetherHeard() => 0;

    // Nothing comes behind its one request.
    public bool HasHeard(int asked) => true;

    public bool IsReady(Action whenReady) => false;
}

/// <summary>The answer to a <see cref="RoomQuery"/>: one of these.</summary>
internal sealed record RoomAnswer
{
    public ProtocolError? Error { get; init; }

    public byte[]? Ack { get; init; }

    public EventPage? Page { get; init; }

    public MemberPage? Members { get; init; }

    public EnteredPage? Entered { get; init; }
}
