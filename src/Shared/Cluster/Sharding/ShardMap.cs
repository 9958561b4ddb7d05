using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterChat.Cluster.Sharding;

/// <summary>
/// Which node owns which room, under one view: rendezvous hashing (Thaler and Ravishankar, 1998) of 1,024 shards
/// over the nodes that own rooms. A pure function of the view: every node that knows the view computes the same
/// map. A node that comes takes its share from all others and nothing else moves; what a node that goes had is
/// spread over those that stay.
/// </summary>
public sealed class ShardMap
{
    /// <summary>
    /// How many shards there are; the same on all nodes of a cluster for ever. 1,024 spread over 100 nodes leaves
    /// ten each, and the map is small.
    /// </summary>
    public const int ShardCount = 1024;

    private readonly ClusterNode?[] _owners = new ClusterNode?[ShardCount];

    /// <summary>Computes the map of a view.</summary>
    public ShardMap(ClusterView view)
    {
        View = view;
        var nodes = view.Nodes.Where(n => n.Roles.HasFlag(NodeRoles.Rooms)).ToArray();
        for (var shard = 0; shard < ShardCount; shard++)
        {
            ulong best = 0;
            foreach (var node in nodes)
            {
                var weight = Weight(shard, node.Name);
                if (_owners[shard] is not { } owner || weight > best
                    || (weight == best && string.CompareOrdinal(node.Name, owner.Name) < 0))
                {
                    (_owners[shard], best) = (node, weight);
                }
            }
        }
    }

    /// <summary>The view that it is computed from.</summary>
    public ClusterView View { get; }

    /// <summary>The shard of a room; it depends on nothing but the name.</summary>
    public static int ShardOf(string room)
        => (int)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(room.AsSpan())) % ShardCount);

    /// <summary>The owner of a shard; null where no node of the view owns rooms.</summary>
    public ClusterNode? OwnerOf(int shard) => _owners[shard];

    /// <summary>The owner of a room; null where no node of the view owns rooms.</summary>
    public ClusterNode? OwnerOf(string room) => _owners[ShardOf(room)];

    /// <summary>How many shards a node owns.</summary>
    public int CountOf(string name) => _owners.Count(o => o?.Name == name);

    private static ulong Weight(int shard, string name)
    {
        Span<byte> key = stackalloc byte[sizeof(int) + Encoding.UTF8.GetMaxByteCount(64)];
        BinaryPrimitives.WriteInt32LittleEndian(key, shard);
        var length = sizeof(int) + Encoding.UTF8.GetBytes(name, key[sizeof(int)..]);
        return XxHash3.HashToUInt64(key[..length]);
    }
}
