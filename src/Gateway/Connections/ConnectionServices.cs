using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Identity;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Connections;

/// <summary>What connections work with.</summary>
/// <param name="System">Where their actors run.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Lanes">Where their outboxes write.</param>
/// <param name="Options">The limits.</param>
/// <param name="Protocol">The sizes that the codec enforces.</param>
/// <param name="Parser">Reads requests.</param>
/// <param name="Rooms">The gateway's subscriptions.</param>
/// <param name="Cluster">The way to the rooms.</param>
/// <param name="NodeName">This node's name.</param>
/// <param name="Authenticator">Finds out who clients are.</param>
/// <param name="Limits">What users and addresses may take.</param>
/// <param name="Drain">How far the gateway's leaving has come.</param>
/// <param name="NewMid">Makes ids for the writes of clients that have none.</param>
/// <param name="Logger">The log.</param>
internal sealed record ConnectionServices(
    ActorSystem System,
    TimeProvider Clock,
    Lanes Lanes,
    GatewayOptions Options,
    ProtocolLimits Protocol,
    RequestParser Parser,
    Subscriptions Rooms,
    IRoomCluster Cluster,
    string NodeName,
    IAuthenticator Authenticator,
    ClientLimits Limits,
    DrainState Drain,
    Func<string> NewMid,
    ILogger Logger)
{
    /// <summary>What clients do not take.</summary>
    public ClientOutput Output { get; init; } = new(Options, Clock);

    /// <summary>What is counted.</summary>
    public GatewayMetrics Metrics { get; init; } = new();

    /// <summary>What clients have begun to send.</summary>
    public UnfinishedInput Input { get; init; } = UnfinishedInput.Unlimited(Clock);

    /// <summary>Who is kept out.</summary>
    public KeptOut KeptOut { get; init; } = new(null, new BlockOptions(), Clock, Logger);

    /// <summary>Where it is kept who sent what from where; null where it is not.</summary>
    public AuditTrail? Audit { get; init; }
}
