using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>What <see cref="IMembershipStore"/> promises, for every adapter to inherit.</summary>
public abstract class MembershipStoreContract : IAsyncLifetime
{
    private IMembershipStore? _store;

    protected IMembershipStore Store => _store ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => _store = await CreateAsync();

    public abstract Task DisposeAsync();

    /// <summary>The test's one table, as a process of its own would see it; each call gives another way to it.</summary>
    protected abstract Task<IMembershipStore> CreateAsync();

    [Fact]
    public async Task A_new_table_is_empty_and_has_view_zero()
    {
        var table = await Store.ReadAsync(default);
        (table.View, table.Nodes.Count, table.Votes.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task A_node_that_is_added_is_there_with_all_it_has()
    {
        var node = new ClusterNode("näme-日本語 %_'", "i'1", NodeRoles.Gateway | NodeRoles.Rooms, "[::1]:9081");
        (await AddAsync(node)).ShouldBeTrue();
        await AddAsync(new ClusterNode("b", "2", NodeRoles.Gateway));

        var table = await Store.ReadAsync(default);
        table.View.ShouldBe(2);
        table.Nodes.ShouldBe([new MemberNode(new ClusterNode("b", "2", NodeRoles.Gateway), 0), new MemberNode(node, 0)]);
        (await (await CreateAsync()).ReadAsync(default)).Nodes.ShouldBe(table.Nodes);
    }

    [Fact]
    public async Task Nodes_are_in_ordinal_order()
    {
        // The last two change places where UTF-8 bytes are compared.
        string[] names = ["Z", "a", "a1", "é", "\U0001F600", "\uFFFD"];
        foreach (var name in names.Reverse())
            await AddAsync(Node(name));

        (await Store.ReadAsync(default)).Nodes.Select(n => n.Node.Name).ShouldBe(names);
    }

    [Fact]
    public async Task A_change_under_another_view_changes_nothing()
    {
        await AddAsync(Node("a"));
        await AddAsync(Node("b"));
        foreach (var view in new long[] { 0, 1, 3, long.MaxValue, -1 })
            (await Store.TryChangeAsync(new MembershipChange(view, Node("c"), ["a/1"]), default)).ShouldBeFalse();

        var table = await Store.ReadAsync(default);
        table.View.ShouldBe(2);
        table.Nodes.Select(n => n.Node.Id).ShouldBe(["a/1", "b/1"]);
    }

    [Fact]
    public async Task Each_change_raises_the_view_by_one()
    {
        await AddAsync(Node("a"));
        (await Store.TryChangeAsync(new MembershipChange(1, Node("b"), ["a/1"]), default)).ShouldBeTrue();
        (await Store.TryChangeAsync(new MembershipChange(2, null, ["a/1", "nobody/1"]), default)).ShouldBeTrue();
        (await Store.TryChangeAsync(new MembershipChange(3, null, []), default)).ShouldBeTrue();

        var table = await Store.ReadAsync(default);
        table.View.ShouldBe(4);
        table.Nodes.ShouldHaveSingleItem().Node.Id.ShouldBe("b/1");
    }

    [Fact]
    public async Task Of_changes_at_once_one_wins_under_each_number()
    {
        const int Writers = 6, Rounds = 15;
        var stores = new List<IMembershipStore>();
        for (var i = 0; i < Writers; i++)
            stores.Add(await CreateAsync());

        for (var round = 0; round < Rounds; round++)
        {
            var view = round;
            var won = await Task.WhenAll(stores.Select((store, i) => Task.Run(async () =>
                await store.TryChangeAsync(new MembershipChange(view, new ClusterNode($"n{i}", $"{view}", NodeRoles.Rooms), []), default))));
            won.Count(w => w).ShouldBe(1);
            var table = await Store.ReadAsync(default);
            table.View.ShouldBe(view + 1);
            table.Nodes.Count(n => n.Node.Incarnation == $"{view}").ShouldBe(1);
            table.Find($"n{Array.IndexOf(won, true)}/{view}").ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_heartbeat_is_seen_by_all_and_only_grows()
    {
        var other = await CreateAsync();
        await AddAsync(Node("a"));
        await AddAsync(Node("b"));

        (await Store.HeartbeatAsync("a/1", 5, default)).Find("a/1")!.Heartbeat.ShouldBe(5);
        (await other.HeartbeatAsync("b/1", 7, default)).Find("a/1")!.Heartbeat.ShouldBe(5);
        var late = await other.HeartbeatAsync("a/1", 4, default);
        late.Find("a/1")!.Heartbeat.ShouldBe(5);
        late.Find("b/1")!.Heartbeat.ShouldBe(7);
        late.View.ShouldBe(2);
    }

    [Fact]
    public async Task A_heartbeat_of_a_removed_node_brings_nobody_back()
    {
        await AddAsync(Node("a"));
        await AddAsync(Node("b"));
        await Store.TryChangeAsync(new MembershipChange(2, null, ["a/1"]), default);

        var table = await Store.HeartbeatAsync("a/1", 9, default);
        table.View.ShouldBe(3);
        table.Nodes.ShouldHaveSingleItem().ShouldBe(new MemberNode(Node("b"), 0));
    }

    [Fact]
    public async Task A_node_replaces_its_earlier_incarnation_and_begins_at_zero()
    {
        await AddAsync(Node("a", "1"));
        await Store.HeartbeatAsync("a/1", 9, default);
        await AddAsync(Node("a", "2"));

        var table = await Store.HeartbeatAsync("a/1", 10, default);
        table.Nodes.ShouldHaveSingleItem().ShouldBe(new MemberNode(Node("a", "2"), 0));
        (await Store.HeartbeatAsync("a/2", 1, default)).Find("a/2")!.Heartbeat.ShouldBe(1);
    }

    [Fact]
    public async Task Votes_stand_until_they_are_taken_back()
    {
        await AddAsync(Node("a"));
        await AddAsync(Node("b"));
        await AddAsync(Node("c"));
        await Store.VoteAsync(new MembershipVote("c/1", "a/1"), holds: true, default);
        await Store.VoteAsync(new MembershipVote("c/1", "a/1"), holds: true, default);
        await Store.VoteAsync(new MembershipVote("c/1", "b/1"), holds: true, default);
        (await Store.ReadAsync(default)).Votes.ShouldBe([new("c/1", "a/1"), new("c/1", "b/1")], ignoreOrder: true);

        await Store.VoteAsync(new MembershipVote("c/1", "a/1"), holds: false, default);
        await Store.VoteAsync(new MembershipVote("b/1", "a/1"), holds: false, default);
        var table = await Store.HeartbeatAsync("a/1", 1, default);
        table.Votes.ShouldHaveSingleItem().ShouldBe(new MembershipVote("c/1", "b/1"));
        table.View.ShouldBe(3);
    }

    [Fact]
    public async Task Votes_end_with_either_of_the_two_incarnations()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
            await AddAsync(Node(name));
        await Store.VoteAsync(new MembershipVote("a/1", "b/1"), holds: true, default);
        await Store.VoteAsync(new MembershipVote("b/1", "a/1"), holds: true, default);
        await Store.VoteAsync(new MembershipVote("c/1", "d/1"), holds: true, default);

        await AddAsync(Node("b", "2"));
        (await Store.ReadAsync(default)).Votes.ShouldBe([new("c/1", "d/1")]);
        await Store.TryChangeAsync(new MembershipChange(5, null, ["d/1"]), default);
        (await Store.ReadAsync(default)).Votes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Votes_about_or_by_nodes_that_are_not_there_are_not_kept()
    {
        await AddAsync(Node("a", "2"));
        await Store.VoteAsync(new MembershipVote("a/1", "a/2"), holds: true, default);
        await Store.VoteAsync(new MembershipVote("a/2", "b/1"), holds: true, default);
        (await Store.ReadAsync(default)).Votes.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_read_stood_there_at_one_moment()
    {
        // Each change swaps x and y: a read that sees both or none mixed two moments.
        await AddAsync(Node("x"));
        var writer = await CreateAsync();
        var writing = Task.Run(async () =>
        {
            for (long view = 1; view <= 60; view++)
            {
                var (comes, goes) = view % 2 == 1 ? ("y", "x/1") : ("x", "y/1");
                (await writer.TryChangeAsync(new MembershipChange(view, Node(comes), [goes]), default)).ShouldBeTrue();
            }
        });
        long last = 0;
        while (!writing.IsCompleted)
        {
            var table = await Store.ReadAsync(default);
            table.Nodes.ShouldHaveSingleItem().Node.Name.ShouldBe(table.View % 2 == 1 ? "x" : "y");
            table.View.ShouldBeGreaterThanOrEqualTo(last);
            last = table.View;
        }

        await writing;
    }

    protected static ClusterNode Node(string name, string incarnation = "1") => new(name, incarnation, NodeRoles.Rooms, $"{name}:1");

    protected async Task<bool> AddAsync(ClusterNode node) => await Store.TryChangeAsync(
        new MembershipChange((await Store.ReadAsync(default)).View, node, []), default);
}
