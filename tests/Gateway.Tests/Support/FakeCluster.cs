using System.Collections.Immutable;
using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Tests;

/// <summary>The way to the rooms, with the test at its other end.</summary>
internal sealed class FakeCluster : IRoomCluster
{
    public string Self => "gw";

    public ClusterView View { get; } = new(0, ImmutableArray<ClusterNode>.Empty);

    /// <summary>All that was sent, in order; writes that went together are told apart.</summary>
    public List<ToRoom> Sent { get; } = [];

    /// <summary>The same as it was sent.</summary>
    public List<ToRoom> Messages { get; } = [];

    public IRoomMessageSink Sink { get; private set; } = null!;

    public RoomListing? Listing { get; set; }

    public void Attach(IRoomMessageSink sink) => Sink = sink;

    public void Tell(ToRoom message)
    {
        Messages.Add(message);
        Sent.AddRange(message is Writes writes ? writes.All : [message]);
    }

    public ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        => Listing is { } listing ? new(listing) : ValueTask.FromException<RoomListing>(new TimeoutException());
}
