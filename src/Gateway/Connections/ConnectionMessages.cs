using Akka.Event;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Identity;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Connections;

/// <summary>Whatever a connection's actor receives.</summary>
internal interface IConnectionMessage : IDeadLetterSuppression;

/// <summary>Text messages of the client, in their order. The memory is valid until the actor says that it has handled it.</summary>
internal sealed record FramesReceived(IReadOnlyList<ReadOnlyMemory<byte>> Messages) : IConnectionMessage;

/// <summary>The client is not in a room any more, or did not get in.</summary>
internal sealed record JoinEnded(JoinRoom Join, ProtocolError? Error) : IConnectionMessage;

/// <summary>The list of rooms that the client asked for.</summary>
internal sealed record RoomsListed(long? Id, RoomListing? Listing) : IConnectionMessage;

/// <summary>It is known who the client is, or why it is not let in.</summary>
internal sealed record Admitted(HelloRequest Hello, Admission Admission) : IConnectionMessage;

/// <summary>Somebody wants to know which rooms the client is in.</summary>
internal sealed class RoomsAsked : IConnectionMessage
{
    private readonly TaskCompletionSource<string[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string[]> Answer => _answer.Task;

    public void Reply(IEnumerable<string> rooms) => _answer.TrySetResult([.. rooms]);
}

/// <summary>The connection has ended: so does its actor.</summary>
internal sealed record ConnectionOver : IConnectionMessage
{
    public static ConnectionOver Instance { get; } = new();
}

/// <summary>Time to see whether the hello is late.</summary>
internal sealed record Swept : IConnectionMessage
{
    public static Swept Instance { get; } = new();
}
