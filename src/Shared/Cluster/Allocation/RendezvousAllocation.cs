using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace ClusterChat.Cluster.Allocation;

/// <summary>
/// Places shards by rendezvous hashing (Thaler and Ravishankar, 1998): each belongs to the region with the highest weight of shard and
/// address. A pure function of the regions that there are, so who takes over as coordinator places as the one before did. A node that
/// comes takes its share from all others and nothing else moves; what a node that goes had is spread over those that stay.
/// </summary>
/// <param name="self">
/// The address of this node, <c>host:port</c>: the reference to the coordinator's own region does not bear one.
/// </param>
/// <param name="maxMoves">
/// How many shards may be under way at once, at least 1. The rooms of all of them stand still until the last one has moved.
/// </param>
public sealed class RendezvousAllocation(string self, int maxMoves) : IShardAllocationStrategy
{
    private readonly int _maxMoves = maxMoves >= 1 ? maxMoves : throw new ArgumentOutOfRangeException(nameof(maxMoves), maxMoves, "At least one shard has to move.");

    /// <inheritdoc/>
    public Task<IActorRef> AllocateShard(
        IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations) =>
        Task.FromResult(Owner(shardId, currentShardAllocations.Keys) ?? requester);

    /// <inheritdoc/>
    public Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress)
    {
        var free = Math.Max(0, _maxMoves - rebalanceInProgress.Count);
        var astray =
            from region in currentShardAllocations
            from shard in region.Value
            where !rebalanceInProgress.Contains(shard) && !region.Key.Equals(Owner(shard, currentShardAllocations.Keys))
            select shard;
        return Task.FromResult<IImmutableSet<string>>([.. astray.Order(StringComparer.Ordinal).Take(free)]);
    }

    /// <summary>How much a shard belongs to an address.</summary>
    public static ulong Weight(string shardId, string address) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{shardId}\0{address}"));

    private IActorRef? Owner(string shardId, IEnumerable<IActorRef> regions)
    {
        IActorRef? owner = null;
        (ulong Weight, string Address) best = default;
        foreach (var region in regions)
        {
            var address = AddressOf(region);
            var weight = Weight(shardId, address);
            if (owner is null || weight > best.Weight
                || (weight == best.Weight && string.CompareOrdinal(address, best.Address) < 0))
            {
                (owner, best) = (region, (weight, address));
            }
        }

        return owner;
    }

    private string AddressOf(IActorRef region) =>
        region.Path.Address is { Host: { } host, Port: { } port } ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{host}:{port}") : self;
}
