using ClusterChat.Cluster;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>A gateway, as messages from rooms see it.</summary>
internal sealed class FakeSink : IRoomMessageSink
{
    public List<FromRoom> Messages { get; } = [];

    public List<RoomHead> Heads { get; } = [];

    /// <summary>How it is asked whether a room has moved.</summary>
    public List<Func<string, bool>> Moved { get; } = [];

    public void Deliver(FromRoom message) => Messages.Add(message);

    public void DeliverHeads(IReadOnlyList<RoomHead> heads) => Heads.AddRange(heads);

    public void OwnersChanged(Func<string, bool> moved) => Moved.Add(moved);
}
