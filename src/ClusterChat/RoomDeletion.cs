using ClusterChat.Cluster;
using ClusterChat.Gateway.Http.Admin;
using ClusterChat.RoomActors.Journal;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.Host;

/// <summary>
/// Deletes rooms. The journal does it, whoever owns the room; then the owner hears, as from any gateway that knows of a later
/// activation, that its epoch is not the newest any more. It opens the room anew, finds another log, and ends its streams; so the
/// gateways and their clients find out. If the word gets lost, the owner's next append is fenced, and the same happens then.
/// </summary>
internal sealed class RoomDeletion(IRoomDeletion journal, IRoomCluster cluster, RoomOptions rooms) : IRoomDeleter
{
    /// <summary>No gateway: what is answered goes nowhere.</summary>
    private const string Nobody = "operator";

    private long _stream;

    public bool IsKept(string room) => !rooms.IsMemory(room);

    public async Task<bool?> DeleteAsync(string room, CancellationToken cancellationToken)
    {
        long? epoch;
        try
        {
            epoch = await journal.DeleteAsync(room, cancellationToken);
        }
        catch (JournalUnavailableException)
        {
            return null;
        }

        if (epoch is { } later)
        {
            var stream = Interlocked.Increment(ref _stream);
            cluster.Tell(new Subscribe(room, Nobody, stream, [], later));
            cluster.Tell(new Unsubscribe(room, Nobody, stream));
        }

        return epoch is not null;
    }
}
