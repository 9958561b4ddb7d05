namespace ClusterChat.Cluster;

/// <summary>
/// What a room's owner knew when it gave the room up. It holds committed events only, and says nothing that an owner may
/// rely on: a durable room's journal is asked all the same.
/// </summary>
/// <param name="Log">The identity of the room's history.</param>
/// <param name="Epoch">The activation that ends; the next one takes a higher number.</param>
/// <param name="Head">The number of the newest committed event.</param>
/// <param name="Events">The newest events, ascending, without a hole, the last one being <paramref name="Head"/>.</param>
/// <param name="Writes">Newer ids of writes before those events, in the order of the log; others may be missing.</param>
/// <param name="Members">Who is in the room, by gateway, in the gateways' ordinal order; null where they are too many.</param>
/// <param name="Held">Names of those who are not there and may come back, the oldest first; others may be missing.</param>
public sealed record RoomHandover(
    string Log,
    long Epoch,
    long Head,
    IReadOnlyList<HandedEvent> Events,
    IReadOnlyList<HandedWrite> Writes,
    IReadOnlyList<HandedMembers>? Members,
    IReadOnlyList<HeldName> Held)
{
    /// <summary>Whether what was known under earlier activations is to be forgotten.</summary>
    public bool IsNothing => Log.Length == 0;

    /// <summary>Nothing of a room is to be kept that is older than this activation.</summary>
    public static RoomHandover Nothing(long epoch) => new(string.Empty, epoch, 0, [], [], null, []);
}

/// <summary>An event; its number follows from its place.</summary>
/// <param name="Kind">What it is, by the number under which the journal stores that.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="Mid">The author's id of the write.</param>
/// <param name="Ts">Unix time in milliseconds.</param>
/// <param name="Of">The number of the event that it changes; 0 for none.</param>
/// <param name="Line">Its canonical line.</param>
public sealed record HandedEvent(int Kind, string Author, string Mid, long Ts, long Of, ReadOnlyMemory<byte> Line);

/// <summary>Where a write stands in the log.</summary>
public sealed record HandedWrite(string Author, string Mid, long Seq, long Ts);

/// <summary>The members that a gateway has in the room.</summary>
/// <param name="Gateway">See <see cref="IRoomCluster.Self"/>.</param>
/// <param name="Members">They.</param>
public sealed record HandedMembers(string Gateway, IReadOnlyList<Member> Members);

/// <summary>A name that is held for somebody who is not in the room.</summary>
/// <param name="User">For whom.</param>
/// <param name="Name">The name.</param>
/// <param name="LeftMs">For how many milliseconds more.</param>
public readonly record struct HeldName(string User, string Name, long LeftMs);
