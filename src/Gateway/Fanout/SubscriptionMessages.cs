using Akka.Event;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Limits;

namespace ClusterChat.Gateway.Fanout;

/// <summary>Time to look at what is late.</summary>
internal sealed record SubscriptionTick : ISubscriptionMessage, IDeadLetterSuppression
{
    public static SubscriptionTick Instance { get; } = new();
}

/// <summary>Time to ask who is there.</summary>
internal sealed record CensusDue : ISubscriptionMessage, IDeadLetterSuppression
{
    public static CensusDue Instance { get; } = new();
}

/// <summary>What has gathered of a busy room may go out.</summary>
internal sealed record BroadcastDue : ISubscriptionMessage, IDeadLetterSuppression
{
    public static BroadcastDue Instance { get; } = new();
}

/// <summary>No client for a while.</summary>
internal sealed record SubscriptionIdle : ISubscriptionMessage, IDeadLetterSuppression
{
    public static SubscriptionIdle Instance { get; } = new();
}

/// <summary>The owner says that there are events which have not arrived here.</summary>
internal sealed record HeadRepeated(RoomHead Head) : ISubscriptionMessage;

/// <summary>Another node owns the room now, or nothing is heard of the one that does.</summary>
internal sealed record OwnerMoved : ISubscriptionMessage, IDeadLetterSuppression
{
    public static OwnerMoved Instance { get; } = new();
}

/// <summary>A client can take the next page of its join.</summary>
internal sealed record ClientReady(JoinRoom Join) : ISubscriptionMessage;

/// <summary>What subscriptions work with.</summary>
/// <param name="Clock">The clock.</param>
/// <param name="Cluster">The way to the rooms.</param>
/// <param name="Options">The limits.</param>
/// <param name="NextStream">Numbers streams: each higher than all before it in this process.</param>
/// <param name="Waiting">Who is told to look at the clock.</param>
/// <param name="Budget">How many rooms are followed.</param>
/// <param name="Metrics">What is counted.</param>
/// <param name="Traces">Null: no message is traced.</param>
internal sealed record SubscriptionServices(
    TimeProvider Clock,
    IRoomCluster Cluster,
    Connections.GatewayOptions Options,
    Func<long> NextStream,
    WaitingSubscriptions Waiting,
    RoomBudget Budget,
    GatewayMetrics Metrics,
    Diagnostics.MessageTraces? Traces);
