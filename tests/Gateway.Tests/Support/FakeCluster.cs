using System.Collections.Immutable;
using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Tests;

/// <summary>The way to the rooms, with the test at its other end.</summary>
internal sealed class FakeCluster : IRoomCluster
{
    public string Self => "gw";

    public ClusterView View { get; } = new(0, ImmutableArray<ClusterNode>.Empty);

    /// <summary>All that was sent and taken, in order.</summary>
    public List<ToRoom> Sent { get; } = [];

    /// <summary>If it is true the way is full.</summary>
    public bool Refuses { get; set; }

    /// <summary>How many messages the way takes before it is full; null where it never is.</summary>
    public int? Room { get; set; }

    public IRoomMessageSink Sink { get; private set; } = null!;

    public RoomListing? Listing { get; set; }

    public void Attach(IRoomMessageSink sink) => Sink = sink;

    public bool Tell(ToRoom message)
    {
        if (Refuses || Room == 0)
            return false;
        Room--;
        Sent.Add(message);
        return true;
    }

    public ValueTask<RoomListing> ListRoomsAsync(string prefix, string after, int limit, CancellationToken cancellationToken)
        => Listing is { } listing ? new(listing) : ValueTask.FromException<RoomListing>(new TimeoutException());
}
