using System.Collections.Immutable;
using Akka.Actor;
using ClusterChat.Cluster.Allocation;
using FsCheck.Xunit;

namespace ClusterChat.Shared.Tests.Cluster.Allocation;

public sealed class RendezvousAllocationTests
{
    private const string Self = "10.0.0.0:1";

    private static readonly ImmutableArray<string> Shards = [.. Enumerable.Range(0, 64).Select(i => $"{i}")];

    [Property(MaxTest = 50)]
    public void Each_shard_has_one_place_and_every_node_knows_the_same(int seed)
    {
        var random = new Random(seed);
        var regions = Regions(random.Next(1, 8));
        var shuffled = regions.ToArray();
        random.Shuffle(shuffled);

        foreach (var shard in Shards)
        {
            var owner = Owner(regions, shard);
            regions.ShouldContain(owner);
            Owner(shuffled, shard).ShouldBe(owner);

            // To another node the first region has its address, and its own has none.
            IActorRef[] seen = [.. regions.Select((_, i) => Region(i, isLocal: i == regions.Length - 1))];
            var other = new RendezvousAllocation(Address(regions.Length - 1), 64);
            Array.IndexOf(seen, Await(other.AllocateShard(seen[0], shard, Empty(seen)))).ShouldBe(Array.IndexOf(regions, owner));
        }
    }

    [Property(MaxTest = 50)]
    public void A_region_that_comes_takes_its_share_and_nothing_else_moves(int seed)
    {
        var regions = Regions(new Random(seed).Next(1, 8));
        var more = Regions(regions.Length + 1);
        var newcomer = more[^1];
        var moved = Shards.Where(s => !Owner(regions, s).Equals(Owner(more, s))).ToList();

        moved.ShouldAllBe(s => Owner(more, s).Equals(newcomer));
        moved.ShouldNotBeEmpty();
    }

    [Fact]
    public void The_shares_are_about_equal()
    {
        var regions = Regions(4);
        foreach (var share in Shards.CountBy(s => Owner(regions, s).Path.ToString()))
        {
            share.Value.ShouldBeInRange(8, 26);
        }
    }

    [Property(MaxTest = 50)]
    public void Rebalancing_brings_each_shard_to_its_place_and_then_rests(int seed)
    {
        var random = new Random(seed);
        var regions = Regions(random.Next(1, 8));
        var limit = random.Next(1, 20);
        var strategy = new RendezvousAllocation(Self, limit);
        var places = Shards.ToDictionary(s => s, _ => regions[random.Next(regions.Length)]);
        var astray = places.Count(p => !p.Value.Equals(Owner(regions, p.Key)));

        while (astray > 0)
        {
            var moves = Await(strategy.Rebalance(Allocations(regions, places), ImmutableHashSet<string>.Empty));
            moves.Count.ShouldBe(Math.Min(limit, astray));
            moves.ShouldAllBe(s => !places[s].Equals(Owner(regions, s)));
            astray -= moves.Count;
            foreach (var shard in moves)
            {
                places[shard] = Owner(regions, shard);
            }
        }

        Await(strategy.Rebalance(Allocations(regions, places), ImmutableHashSet<string>.Empty)).ShouldBeEmpty();
    }

    [Fact]
    public void Shards_that_are_under_way_count_against_the_limit_and_are_not_moved_again()
    {
        var regions = Regions(2);
        var places = Shards.ToDictionary(s => s, s => regions.Single(r => !r.Equals(Owner(regions, s))));
        var strategy = new RendezvousAllocation(Self, 10);
        var first = Await(strategy.Rebalance(Allocations(regions, places), ImmutableHashSet<string>.Empty));
        first.Count.ShouldBe(10);

        Await(strategy.Rebalance(Allocations(regions, places), first)).ShouldBeEmpty();
        var half = first.Take(6).ToImmutableHashSet();
        var second = Await(strategy.Rebalance(Allocations(regions, places), half));
        second.Count.ShouldBe(4);
        second.ShouldAllBe(s => !half.Contains(s));
    }

    private static IActorRef Owner(IActorRef[] regions, string shard) =>
        Await(new RendezvousAllocation(Self, 64).AllocateShard(regions[0], shard, Empty(regions)));

    private static T Await<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static ImmutableDictionary<IActorRef, IImmutableList<string>> Empty(IActorRef[] regions) => Allocations(regions, []);

    private static ImmutableDictionary<IActorRef, IImmutableList<string>> Allocations(IActorRef[] regions, Dictionary<string, IActorRef> places) => regions.ToImmutableDictionary(
        r => r, IImmutableList<string> (r) => [.. places.Where(p => p.Value.Equals(r)).Select(p => p.Key)]);

    private static string Address(int i) => $"10.0.0.{i}:1";

    private static IActorRef[] Regions(int count) => [.. Enumerable.Range(0, count).Select(i => Region(i, isLocal: i == 0))];

    private static Ref Region(int i, bool isLocal) => new(
        new RootActorPath(isLocal ? new Address("akka.tcp", "test") : new Address("akka.tcp", "test", $"10.0.0.{i}", 1)) / "system" / "region");

    private sealed class Ref(ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path => path;

        public override IActorRefProvider Provider => throw new NotSupportedException();
    }
}
