using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Remote;
using ClusterChat.Cluster.Allocation;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Arbiter;

public sealed class DowningTests
{
    /// <summary>The failure detector says nothing within a test.</summary>
    private const string BlindDetector = "akka.cluster.failure-detector.acceptable-heartbeat-pause = 120s";

    private readonly InMemoryNodeTable _table = new();

    [Theory]
    [InlineData(0)] // The coordinator's node.
    [InlineData(2)]
    public async Task A_node_that_dies_is_removed_by_its_refusal_and_its_shards_live_elsewhere(int dead)
    {
        var nodes = await ArbiterNode.ClusterAsync(_table, 3, BlindDetector);
        var regions = await Task.WhenAll(nodes.Select(StartRegionAsync));
        await AskAllAsync(regions[1]);
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ((CoordinatorScheduler)nodes[1].System.Scheduler).OnCut = () => cut.TrySetResult();
        var alive = nodes.Where((_, i) => i != dead).ToArray();

        await nodes[dead].KillAsync();

        foreach (var node in alive)
        {
            await node.UpAsync(alive);
            node.Evicted.IsCompleted.ShouldBeFalse();
        }

        await AskAllAsync(regions[1]);
        _table.List.Nodes.Select(n => n.Key).ShouldBe(alive.Select(n => n.Key), ignoreOrder: true);
        alive.Sum(n => n.Log.Count(1321)).ShouldBe(1);

        // If this does not come, Akka has changed the delay or its message: see CoordinatorScheduler.
        if (dead == 0)
            await cut.Task.WaitAsync(ArbiterNode.Guard, TimeProvider.System);
        await DisposeAsync(alive);
    }

    [Fact]
    public async Task Of_two_nodes_that_evict_each_other_one_stays()
    {
        var nodes = await ArbiterNode.ClusterAsync(_table, 2, BlindDetector);
        nodes[0].Probe.Answer(nodes[1].Key.Address, ProbeResult.Refused);
        nodes[1].Probe.Answer(nodes[0].Key.Address, ProbeResult.Refused);

        LoseLink(nodes[0], nodes[1]);
        LoseLink(nodes[1], nodes[0]);

        var loser = await (await Task.WhenAny(nodes.Select(n => n.Evicted)).WaitAsync(ArbiterNode.Guard, TimeProvider.System));
        var winner = nodes.Single(n => n.Key != loser.Node);
        await winner.UpAsync(winner);
        _table.List.Nodes.ShouldHaveSingleItem().Key.ShouldBe(winner.Key);
        winner.Evicted.IsCompleted.ShouldBeFalse();
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task A_majority_evicts_all_whom_a_cut_takes_away_in_one_change()
    {
        var nodes = await ArbiterNode.ClusterAsync(_table, 5, ArbiterNode.Cuttable, OneSideActs);
        List<int> sizes = [];
        _table.OnChange = (change, _) => sizes.Add(change.Remove.Count);
        ArbiterNode[] minority = [nodes[0], nodes[3]];
        ArbiterNode[] majority = [nodes[1], nodes[2], nodes[4]];

        await CutAsync(minority, majority);

        foreach (var node in majority)
        {
            await node.UpAsync(majority);
            node.Evicted.IsCompleted.ShouldBeFalse();
        }

        await Task.WhenAll(minority.Select(n => n.Evicted)).WaitAsync(ArbiterNode.Guard, TimeProvider.System);
        sizes.ShouldBe([2]);
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task Of_two_halves_the_one_with_the_lowest_address_stays()
    {
        var nodes = (await ArbiterNode.ClusterAsync(_table, 2, ArbiterNode.Cuttable, OneSideActs)).OrderBy(n => n.Key.Address, StringComparer.Ordinal).ToArray();

        await CutAsync([nodes[0]], [nodes[1]]);

        await nodes[0].UpAsync(nodes[0]);
        (await nodes[1].Evicted.WaitAsync(ArbiterNode.Guard, TimeProvider.System)).Reason.ShouldBe(EvictionReason.Evicted);
        nodes[0].Evicted.IsCompleted.ShouldBeFalse();
        await DisposeAsync(nodes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_table_is_away_nobody_is_evicted_and_later_it_is_done(bool swallowsCalls)
    {
        var nodes = await ArbiterNode.ClusterAsync(_table, 3, BlindDetector, o => o with
        {
            PressingReadInterval = TimeSpan.FromMilliseconds(50),
            CallTimeout = TimeSpan.FromMilliseconds(200),
        });
        ArbiterNode[] alive = [nodes[0], nodes[1]];
        var tried = alive.Select(node =>
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            node.Table.OnRefused = () =>
            {
                if (node.Table.Refused >= 6)
                    done.TrySetResult();
            };
            node.Table.IsAway = !swallowsCalls;
            node.Table.IsBlackHole = swallowsCalls;
            return done.Task;
        }).ToArray();

        await nodes[2].KillAsync();
        await Task.WhenAll(tried).WaitAsync(ArbiterNode.Guard, TimeProvider.System);

        _table.List.Nodes.Count.ShouldBe(3);
        foreach (var node in alive)
        {
            node.Cluster.State.Members.ShouldNotContain(m => m.Status == MemberStatus.Down);
            node.Cluster.State.Members.Count.ShouldBe(3);
            node.Log.Count(1324).ShouldBe(1);
            node.Table.IsAway = false;
            node.Table.IsBlackHole = false;
        }

        await Task.WhenAll(alive.Select(n => n.UpAsync(alive)));
        _table.List.Nodes.Select(n => n.Key).ShouldBe(alive.Select(n => n.Key), ignoreOrder: true);
        await DisposeAsync(alive);
    }

    [Fact]
    public async Task A_member_that_is_not_in_the_table_is_downed_and_ends()
    {
        var nodes = await ArbiterNode.ClusterAsync(_table, 3, BlindDetector);
        var list = _table.List;

        (await _table.TryChangeAsync(new NodeChange(list.View, null, [nodes[1].Key]), default)).ShouldBeTrue();

        (await nodes[1].Evicted.WaitAsync(ArbiterNode.Guard, TimeProvider.System)).View.ShouldBe(list.View + 1);
        ArbiterNode[] alive = [nodes[0], nodes[2]];
        await Task.WhenAll(alive.Select(n => n.UpAsync(alive)));
        alive.ShouldAllBe(n => !n.Evicted.IsCompleted && n.Setup.View.Number == list.View + 1);
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task A_lost_link_to_a_node_that_answers_evicts_nobody()
    {
        var nodes = await ArbiterNode.ClusterAsync(_table, 2, BlindDetector, o => o with { DialPauses = [TimeSpan.Zero] });
        var view = _table.List.View;

        LoseLink(nodes[0], nodes[1]);

        // That another one joins takes longer than the one dial does.
        await using var third = new ArbiterNode(_table, "n2", BlindDetector);
        (await third.JoinAsync()).ShouldBeTrue();
        _table.List.View.ShouldBe(view + 2);
        _table.List.Nodes.Count.ShouldBe(3);
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task Who_leaves_in_good_order_is_evicted_by_nobody()
    {
        var nodes = await ArbiterNode.ClusterAsync(_table, 3, BlindDetector);
        var shutdown = CoordinatedShutdown.Get(nodes[1].System);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShutdown, "row", async () =>
        {
            await nodes[1].Formation.LeaveAsync();
            return Akka.Done.Instance;
        });

        await shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance).WaitAsync(ArbiterNode.Guard, TimeProvider.System);

        ArbiterNode[] alive = [nodes[0], nodes[2]];
        await Task.WhenAll(alive.Select(n => n.UpAsync(alive)));
        _table.List.Nodes.Select(n => n.Key).ShouldBe(alive.Select(n => n.Key), ignoreOrder: true);
        alive.ShouldAllBe(n => n.Log.Count(1321) == 0 && n.Log.Count(1322) == 0);
        nodes.ShouldAllBe(n => !n.Evicted.IsCompleted);
        await DisposeAsync(alive);
    }

    [Fact]
    public async Task A_node_that_was_downed_by_hand_loses_its_row()
    {
        var nodes = await ArbiterNode.ClusterAsync(_table, 2, BlindDetector, o => o with { LeavingGrace = TimeSpan.FromMilliseconds(100) });
        nodes[1].Table.IsAway = true;

        nodes[0].Cluster.Down(nodes[1].Cluster.SelfAddress);

        await _table.WhenAsync(t => t.Find(nodes[1].Key) is null).WaitAsync(ArbiterNode.Guard, TimeProvider.System);

        await nodes[0].UpAsync(nodes[0]);
        await DisposeAsync(nodes);
    }

    /// <summary>On a busy machine a side that should wait may be ready first all the same: here it waits for longer than any test.</summary>
    private static ArbiterOptions OneSideActs(ArbiterOptions options)
    {
        var never = TimeSpan.FromMinutes(1);
        return options with { HalfPatience = never, MinorityPatience = never, FrozenPatience = never, LongestPatience = never, FreezeGap = never };
    }

    private static void LoseLink(ArbiterNode node, ArbiterNode peer) =>
        node.System.EventStream.Publish(new DisassociatedEvent(node.Cluster.SelfAddress, peer.Cluster.SelfAddress, false));

    // All at once: of two nodes only that do not reach each other, each is unreachable to all others as well.
    private static Task CutAsync(ArbiterNode[] side, ArbiterNode[] other) =>
        Task.WhenAll(from a in side from b in other from cut in new[] { a.CutAsync(b), b.CutAsync(a) } select cut);

    private static Task<IActorRef> StartRegionAsync(ArbiterNode node) => ClusterSharding.Get(node.System).StartAsync(
        "echo",
        Props.Create(() => new Echo()),
        ClusterShardingSettings.Create(node.System).WithRole("rooms"),
        HashCodeMessageExtractor.Create(16, m => (string)m),
        new RendezvousAllocation(node.Key.Address, 16),
        PoisonPill.Instance);

    private static async Task AskAllAsync(IActorRef region)
    {
        using var guard = new CancellationTokenSource(ArbiterNode.Guard, TimeProvider.System);
        foreach (var room in Enumerable.Range(0, 48).Select(i => $"room-{i}"))
        {
            while (true)
            {
                guard.Token.ThrowIfCancellationRequested();
                try
                {
                    (await region.Ask<string>(room, TimeSpan.FromMilliseconds(300), guard.Token)).ShouldBe(room);
                    break;
                }
                catch (AskTimeoutException)
                {
                    // Sent to the dead node.
                }
            }
        }
    }

    private static async Task DisposeAsync(params ArbiterNode[] nodes)
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }
}
