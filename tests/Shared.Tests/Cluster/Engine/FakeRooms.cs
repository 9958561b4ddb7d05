using ClusterChat.Cluster;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>A node's rooms, played by the test.</summary>
internal sealed class FakeRooms : IRoomsNode
{
    public List<string> GatewaysGone { get; } = [];

    public List<(string Room, RoomHandover State)> Kept { get; } = [];

    /// <summary>Null: it cannot be read, after a while.</summary>
    public RoomListing? Listing { get; set; } = new([], false);

    public void RemoveGateway(string gateway) => GatewaysGone.Add(gateway);

    /// <summary>What it says of what it is to keep.</summary>
    public Predicate<RoomHandover> Keeps { get; set; } = _ => true;

    public bool Keep(string room, RoomHandover state)
    {
        Kept.Add((room, state));
        return Keeps(state);
    }

    public async ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return Listing ?? throw new InvalidOperationException("the journal is away");
    }
}
