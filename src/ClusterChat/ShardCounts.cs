using System.Collections.Frozen;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace ClusterChat.Host;

/// <summary>How many shards each node has, as the shard coordinator said last: asked every second, for operators.</summary>
internal sealed class ShardCounts : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Akka.Cluster.Cluster _cluster;
    private readonly ITimer _timer;
    private volatile FrozenDictionary<string, int>? _counts;
    private volatile IActorRef? _region;
    private int _asking;

    public ShardCounts(ActorSystem system, TimeProvider clock)
    {
        _cluster = Akka.Cluster.Cluster.Get(system);
        _timer = clock.CreateTimer(static self => _ = ((ShardCounts)self!).AskAsync(), this, Interval, Interval);
    }

    /// <summary>Of which rooms: a shard region, or its proxy.</summary>
    public void Of(IActorRef region) => _region = region;

    /// <summary>The shards of a node, by the address where others reach it; null while it is not known.</summary>
    public int? Find(string address) => _counts is { } counts ? counts.GetValueOrDefault(address) : null;

    public void Dispose() => _timer.Dispose();

    private async Task AskAsync()
    {
        if (_region is not { } region || Interlocked.Exchange(ref _asking, 1) == 1)
        {
            return;
        }

        try
        {
            // Not inside of an actor, so it may be asked.
            var stats = await region.Ask<ClusterShardingStats>(new GetClusterShardingStats(Interval), Interval * 2);
            _counts = stats.Regions.ToFrozenDictionary(
                r => AddressOf(r.Key.Host is null ? _cluster.SelfAddress : r.Key), r => r.Value.Stats.Count, StringComparer.Ordinal);
        }
        catch (AskTimeoutException)
        {
            // No coordinator for the moment: what it said last stands.
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    private static string AddressOf(Address address) => string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}");
}
