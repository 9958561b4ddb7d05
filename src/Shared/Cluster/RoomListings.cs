using System.Collections.Concurrent;
using System.Collections.Immutable;
using ClusterChat.Cluster.Links;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster;

/// <summary>The list of rooms: each node's share is asked for and put together.</summary>
internal sealed class RoomListings(string self, INodeLinks links, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, TaskCompletionSource<RoomListing?>> _asked = [];
    private long _lastRequest;

    public async ValueTask<RoomListing> ListAsync(
        ImmutableArray<ClusterNode> nodes, IRoomRegion? region, string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        var asked = new List<Task<RoomListing?>>();
        foreach (var node in nodes.Where(n => n.Roles.HasFlag(NodeRoles.Rooms) && n.Id != self))
        {
            asked.Add(AskAsync(node, prefix, after, limit, cancellationToken));
        }

        var rooms = new SortedDictionary<string, ListedRoom>(Utf8Order.Instance);
        var more = false;
        if (region is not null)
        {
            Merge(await region.ListRoomsAsync(prefix, after, limit, cancellationToken));
        }

        foreach (var answer in asked)
        {
            // A node that does not answer costs the counts of its rooms; the names are in the journal.
            if (await answer is { } listing)
            {
                Merge(listing);
            }
        }

        return new RoomListing([.. rooms.Values.Take(limit)], more || rooms.Count > limit);

        void Merge(RoomListing listing)
        {
            more |= listing.More;
            foreach (var room in listing.Rooms)
            {
                rooms[room.Room] = rooms.TryGetValue(room.Room, out var known)
                    ? new ListedRoom(room.Room, Math.Max(known.Count, room.Count), Math.Max(known.Seq, room.Seq))
                    : room;
            }
        }
    }

    /// <summary>An answer has come.</summary>
    public void Listed(RoomsListedLink listed)
    {
        if (_asked.TryRemove(listed.Request, out var waiting))
        {
            waiting.TrySetResult(listed.Listing);
        }
    }

    /// <summary>Reads this node's share for another node; null where that fails.</summary>
    public async Task<RoomListing?> ReadAsync(IRoomRegion? region, string peer, ListRoomsLink list)
    {
        try
        {
            return region is null ? null : await region.ListRoomsAsync(list.Prefix, list.After, list.Limit, CancellationToken.None);
        }
        catch (Exception error)
        {
            logger.ListFailed(peer, error.Message);
            return null;
        }
    }

    private async Task<RoomListing?> AskAsync(ClusterNode node, string prefix, string after, int limit, CancellationToken cancellationToken)
    {
        var request = Interlocked.Increment(ref _lastRequest);
        var answer = new TaskCompletionSource<RoomListing?>();
        _asked[request] = answer;
        try
        {
            return links.Send(node, new ListRoomsLink(request, prefix, after, limit))
                ? await answer.Task.WaitAsync(ListTimeout, clock, cancellationToken)
                : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _asked.TryRemove(request, out _);
        }
    }
}
