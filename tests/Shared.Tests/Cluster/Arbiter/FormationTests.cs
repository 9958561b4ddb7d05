using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Cluster.Arbiter;

public sealed class FormationTests
{
    private readonly InMemoryNodeTable _table = new();

    [Fact]
    public async Task Five_nodes_that_start_at_once_form_one_cluster()
    {
        ArbiterNode[] nodes = [.. Enumerable.Range(0, 5).Select(i => new ArbiterNode(_table, $"n{i}"))];
        (await Task.WhenAll(nodes.Select(n => n.JoinAsync()))).ShouldAllBe(up => up);

        foreach (var node in nodes)
        {
            await node.UpAsync(nodes);
            node.Evicted.IsCompleted.ShouldBeFalse();
        }

        _table.List.Nodes.Count.ShouldBe(5);
        _table.List.Nodes.ShouldAllBe(n => n.State == NodeState.Up && n.Roles == "rooms");
        nodes.Sum(n => n.Log.Count(1341)).ShouldBe(1);
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task Who_came_after_a_founder_that_died_founds()
    {
        _table.Seed(Row("gone", DeadPort(), NodeState.Joining));
        await using var node = new ArbiterNode(_table);

        (await node.JoinAsync()).ShouldBeTrue();

        var row = _table.List.Nodes.ShouldHaveSingleItem();
        row.Key.ShouldBe(node.Key);
        row.State.ShouldBe(NodeState.Up);
    }

    [Fact]
    public async Task Rows_of_a_former_cluster_do_not_keep_two_nodes_from_forming_one()
    {
        _table.Seed(Row("x", DeadPort(), NodeState.Up), Row("y", DeadPort(), NodeState.Up), Row("a", DeadPort(), NodeState.Joining));
        ArbiterNode[] nodes = [new(_table), new(_table, "b")];

        (await Task.WhenAll(nodes.Select(n => n.JoinAsync()))).ShouldAllBe(up => up);

        await nodes[0].UpAsync(nodes);
        _table.List.Nodes.Select(n => n.Key).ShouldBe(nodes.Select(n => n.Key), ignoreOrder: true);
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task A_node_that_lost_its_founder_ends_where_another_cluster_was_faster()
    {
        // The founder has let "late" in and dies before the table says that it is up; "first" founds again meanwhile.
        Func<ArbiterOptions, ArbiterOptions> quick = o => o with
        {
            PressingReadInterval = TimeSpan.FromMilliseconds(50),
            ReadInterval = TimeSpan.FromMilliseconds(50),
            SignOfLifeAfter = TimeSpan.FromMilliseconds(100),
            SilenceLimit = TimeSpan.FromMilliseconds(400),
        };
        var mayBeUp = new TaskCompletionSource();
        Func<NodeChange, CancellationToken, Task> hold = (change, token) => change.Put?.State == NodeState.Up ? mayBeUp.Task.WaitAsync(token) : Task.CompletedTask;
        var founder = new ArbiterNode(_table, "founder") { Table = { BeforeChange = hold } };
        await using var first = new ArbiterNode(_table, "first");
        await using var late = new ArbiterNode(_table, "late", options: quick) { Table = { BeforeChange = hold } };
        _table.OnChange = (change, _) => first.Table.IsAway |= change.Put?.Name == "first" && change.Put.State == NodeState.Joining;
        var founding = founder.JoinAsync();
        await _table.WhenAsync(t => t.Nodes.Count == 1);
        var foundingAgain = first.JoinAsync();
        await _table.WhenAsync(t => t.Nodes.Count == 2);
        var joining = late.JoinAsync();
        await late.UpAsync(founder, late);

        await founder.KillAsync();
        await late.UpAsync(late);
        first.Table.IsAway = false;
        (await foundingAgain).ShouldBeTrue();
        mayBeUp.SetResult();

        (await joining).ShouldBeFalse();
        (await late.Evicted).Reason.ShouldBe(EvictionReason.Apart);
        (await founding).ShouldBeFalse();
        first.Evicted.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_that_comes_back_at_once_on_its_address_takes_its_former_place()
    {
        var nodes = await ArbiterNode.ClusterAsync(_table, 2);
        var former = nodes[1].Key;
        var port = nodes[1].Port;
        await nodes[1].KillAsync();
        await using var again = new ArbiterNode(_table, "n1", $"akka.remote.dot-netty.tcp.port = {port}");

        (await again.JoinAsync()).ShouldBeTrue();

        await nodes[0].UpAsync(nodes[0], again);
        again.Key.Address.ShouldBe(former.Address);
        _table.List.Find(former).ShouldBeNull();
        nodes[0].Evicted.IsCompleted.ShouldBeFalse();
        await nodes[0].DisposeAsync();
    }

    [Fact]
    public async Task A_node_waits_for_a_table_that_is_away_and_says_so_once()
    {
        await using var node = new ArbiterNode(_table) { Table = { IsAway = true } };
        var fourth = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Table.OnRefused = () =>
        {
            if (node.Table.Refused >= 4)
                fourth.TrySetResult();
        };

        var joining = node.JoinAsync();
        await fourth.Task.WaitAsync(ArbiterNode.Guard, TimeProvider.System);
        joining.IsCompleted.ShouldBeFalse();
        node.Table.IsAway = false;

        (await joining).ShouldBeTrue();
        node.Log.Count(1346).ShouldBe(1);
        node.Log.Count(1347).ShouldBe(1);
    }

    [Fact]
    public async Task A_registration_whose_answer_is_lost_is_one()
    {
        await using var node = new ArbiterNode(_table);
        node.Table.FailAfter(1);

        (await node.JoinAsync()).ShouldBeTrue();

        _table.List.Nodes.ShouldHaveSingleItem().State.ShouldBe(NodeState.Up);
        _table.List.View.ShouldBe(2);
        node.Setup.View.Number.ShouldBe(2);
    }

    [Fact]
    public async Task A_node_that_is_evicted_while_it_joins_ends()
    {
        var port = DeadPort();
        _table.Seed(Row("x", port, NodeState.Up));
        await using var node = new ArbiterNode(_table);
        node.Probe.Answer($"127.0.0.1:{port}", ProbeResult.Connected);
        var joining = node.JoinAsync();
        var list = await _table.WhenAsync(t => t.Find(node.Key) is not null);

        (await _table.TryChangeAsync(new NodeChange(list.View, null, [node.Key]), default)).ShouldBeTrue();

        (await joining).ShouldBeFalse();
        var notice = await node.Evicted;
        notice.Reason.ShouldBe(EvictionReason.Evicted);
        notice.Node.ShouldBe(node.Key);
        notice.View.ShouldBe(list.View + 1);
    }

    [Fact]
    public async Task A_name_that_a_living_node_has_is_refused()
    {
        await using var first = new ArbiterNode(_table);
        (await first.JoinAsync()).ShouldBeTrue();
        await using var second = new ArbiterNode(_table);

        var error = await Should.ThrowAsync<ArbiterException>(second.JoinAsync());

        error.Message.ShouldContain(first.Key.Address);
        _table.List.Nodes.ShouldHaveSingleItem().Key.ShouldBe(first.Key);
    }

    [Fact]
    public async Task A_lone_node_refuses_to_start_beside_another_and_says_what_to_do()
    {
        await using var first = new ArbiterNode(_table, "first");
        (await first.JoinAsync()).ShouldBeTrue();
        await using var lone = new ArbiterNode(_table, "lone", isLone: true);

        var error = await Should.ThrowAsync<ArbiterException>(lone.JoinAsync());

        error.Message.ShouldContain("first");
        error.Message.ShouldContain(first.Key.Address);
        error.Message.ShouldContain("To form a cluster");
        _table.List.Nodes.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_lone_node_takes_over_from_one_that_died()
    {
        _table.Seed(Row("dead", DeadPort(), NodeState.Up));
        await using var lone = new ArbiterNode(_table, "lone", isLone: true);

        (await lone.JoinAsync()).ShouldBeTrue();

        _table.List.Nodes.ShouldHaveSingleItem().Key.ShouldBe(lone.Key);
    }

    [Fact]
    public async Task Contacts_that_are_silent_for_long_while_nobody_changes_the_table_are_dead()
    {
        var port = DeadPort();
        _table.Seed(Row("x", port, NodeState.Up));
        await using var node = new ArbiterNode(_table, options: o => o with
        {
            PressingReadInterval = TimeSpan.FromMilliseconds(20),
            ReadInterval = TimeSpan.FromMilliseconds(20),
            SignOfLifeAfter = TimeSpan.FromMilliseconds(20),
            SilenceLimit = TimeSpan.FromMilliseconds(200),
        });
        node.Probe.Answer($"127.0.0.1:{port}", ProbeResult.Silent);

        (await node.JoinAsync()).ShouldBeTrue();

        _table.List.Nodes.ShouldHaveSingleItem().Key.ShouldBe(node.Key);
        node.Log.Count(1345).ShouldBe(1);
    }

    [Fact]
    public async Task Members_give_signs_of_life_while_somebody_does_not_get_in()
    {
        await using var node = new ArbiterNode(_table, options: o => o with
        {
            PressingReadInterval = TimeSpan.FromMilliseconds(50),
            ReadInterval = TimeSpan.FromMilliseconds(50),
            SignOfLifeAfter = TimeSpan.FromMilliseconds(100),
        });
        (await node.JoinAsync()).ShouldBeTrue();
        var view = _table.List.View;

        _table.Seed(Row("outside", DeadPort(), NodeState.Joining));

        var list = await _table.WhenAsync(t => t.View >= view + 4).WaitAsync(ArbiterNode.Guard, TimeProvider.System);
        list.Nodes.Count.ShouldBe(2);
    }

    private static NodeRow Row(string name, int port, NodeState state) => new(new NodeKey($"127.0.0.1:{port}", port), name, "rooms", state, 0);

    /// <summary>A port at which nobody listens.</summary>
    private static int DeadPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task DisposeAsync(params ArbiterNode[] nodes)
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }
}
