using Akka.Actor;
using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Tests;

/// <summary>The way to gateways that are tests: keeps what rooms say, by gateway.</summary>
internal sealed class RecordingLinks : IGatewayLinks
{
    private readonly Dictionary<string, List<FromRoom>> _told = new(StringComparer.Ordinal);

    public List<(string Gateway, IReadOnlyList<RoomHead> Heads)> Heads { get; } = [];

    /// <summary>Lets the next message to a gateway fail, as a bug would.</summary>
    public Func<FromRoom, bool>? ThrowOn { get; set; }

    public List<FromRoom> For(string gateway)
    {
        if (!_told.TryGetValue(gateway, out var list))
            _told.Add(gateway, list = []);
        return list;
    }

    public void Tell(string gateway, FromRoom message, IActorRef room)
    {
        if (ThrowOn?.Invoke(message) ?? false)
        {
            ThrowOn = null;
            throw new InvalidOperationException("a bug");
        }

        For(gateway).Add(message);
    }

    public void TellHeads(string gateway, IReadOnlyList<RoomHead> heads) => Heads.Add((gateway, heads));
}
