using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;
using ClusterChat.ClusterSimulation.Kernel;

namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>A sharded entity that answers "room question" with "room incarnation".</summary>
internal sealed class RoomEntity(RoomLedger ledger, string room, SimNode node) : UntypedActor
{
    private int _incarnation;

    protected override void PreStart() => _incarnation = ledger.Opened(room, node);

    protected override void PostStop() => ledger.Closed(room, _incarnation);

    protected override void OnReceive(object message) =>
        Sender.Tell(string.Create(CultureInfo.InvariantCulture, $"{room} {_incarnation}"));

    /// <summary>Which room a question is for.</summary>
    public sealed class Extractor(int shards) : HashCodeMessageExtractor(shards)
    {
        public override string? EntityId(object message) => message is string text ? text.Split(' ')[0] : null;
    }
}
