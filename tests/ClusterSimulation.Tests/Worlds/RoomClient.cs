using System.Globalization;
using Akka.Actor;

namespace ClusterChat.ClusterSimulation.Worlds;

/// <summary>Takes the answers that come to a host.</summary>
internal sealed class RoomClient(RoomLedger ledger, string host) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is string answer && answer.Split(' ') is [var room, var incarnation])
            ledger.Answered(host, room, int.Parse(incarnation, CultureInfo.InvariantCulture));
    }
}
