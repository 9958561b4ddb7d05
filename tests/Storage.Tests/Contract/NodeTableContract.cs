using System.Globalization;
using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>What <see cref="INodeTable"/> promises, for every adapter to inherit.</summary>
public abstract class NodeTableContract : IAsyncLifetime
{
    private INodeTable? _table;

    protected INodeTable Table => _table ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => _table = await CreateAsync();

    public abstract Task DisposeAsync();

    /// <summary>The test's one table, as a process of its own would see it; each call gives another way to it.</summary>
    protected abstract Task<INodeTable> CreateAsync();

    [Fact]
    public async Task A_new_table_is_empty_and_has_view_zero()
    {
        var list = await Table.ReadAsync(default);
        (list.View, list.Nodes.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_node_that_is_put_is_there_with_all_it_has()
    {
        NodeRow[] rows =
        [
            new(new NodeKey("[::1]:9081", int.MinValue), "näme-日本語 %_' \U0001F600", "gateway,rooms", NodeState.Up, long.MinValue),
            new(new NodeKey("a'b\\c\"d:1", -1), "", "", NodeState.Joining, 0),
            new(new NodeKey("host:9081", int.MaxValue), "b", "rooms", NodeState.Joining, long.MaxValue),
        ];
        foreach (var row in rows.Reverse())
            (await PutAsync(row)).ShouldBeTrue();

        var list = await Table.ReadAsync(default);
        list.View.ShouldBe(3);
        list.Nodes.ShouldBe(rows);
        (await (await CreateAsync()).ReadAsync(default)).Nodes.ShouldBe(rows);
    }

    [Fact]
    public async Task Nodes_are_in_the_order_in_which_they_came_and_those_of_one_view_in_that_of_their_names()
    {
        // The last two change places where UTF-8 bytes are compared.
        string[] names = ["Z", "a", "a1", "é", "\U0001F600", "\uFFFD"];
        NodeRow[] rows = [Node("z", since: 1), .. names.Select(name => Node(name, since: 2)), Node("A", since: 10)];
        foreach (var row in rows.Reverse())
            await PutAsync(row);

        (await Table.ReadAsync(default)).Nodes.ShouldBe(rows);
    }

    [Fact]
    public async Task A_row_takes_the_place_of_the_one_with_its_key_and_of_no_other()
    {
        await PutAsync(Node("a", uid: 1));
        await PutAsync(Node("a", uid: 2));
        await PutAsync(Node("b", uid: 1));
        var up = new NodeRow(Node("a", uid: 1).Key, "c", "gateway", NodeState.Up, 7);
        await PutAsync(up);

        (await Table.ReadAsync(default)).Nodes.ShouldBe([Node("a", uid: 2), Node("b", uid: 1), up]);
    }

    [Fact]
    public async Task A_node_supersedes_earlier_starts_at_its_address_in_one_change()
    {
        await PutAsync(Node("a", uid: 1));
        await PutAsync(Node("a", uid: -2));
        (await Table.TryChangeAsync(new NodeChange(2, Node("a", uid: 3), [Node("a", uid: 1).Key, Node("a", uid: -2).Key]), default)).ShouldBeTrue();

        (await Table.ReadAsync(default)).Nodes.ShouldHaveSingleItem().Key.ShouldBe(new NodeKey("a:1", 3));
    }

    [Fact]
    public async Task A_row_that_is_removed_and_put_in_one_change_is_there()
    {
        await PutAsync(Node("a"));
        var up = Node("a") with { State = NodeState.Up };
        (await Table.TryChangeAsync(new NodeChange(1, up, [up.Key]), default)).ShouldBeTrue();
        (await Table.ReadAsync(default)).Nodes.ShouldBe([up]);
    }

    [Fact]
    public async Task To_remove_who_is_not_there_is_no_error_and_takes_a_number_as_any_change_does()
    {
        await PutAsync(Node("a"));
        (await Table.TryChangeAsync(new NodeChange(1, null, [Node("a", uid: 2).Key, Node("b").Key, Node("b").Key]), default)).ShouldBeTrue();
        (await Table.TryChangeAsync(new NodeChange(2, null, []), default)).ShouldBeTrue();

        var list = await Table.ReadAsync(default);
        (list.View, list.Nodes.ShouldHaveSingleItem().Name).ShouldBe((3, "a"));
    }

    [Fact]
    public async Task A_change_under_another_view_changes_nothing()
    {
        await PutAsync(Node("a"));
        await PutAsync(Node("b"));
        foreach (var view in new long[] { 0, 1, 3, long.MaxValue, -1 })
        {
            var change = new NodeChange(view, Node("c"), [Node("a").Key]);
            (await Table.TryChangeAsync(change, default)).ShouldBeFalse();
            (await Table.TryChangeAsync(change with { Put = Node("b") with { State = NodeState.Up } }, default)).ShouldBeFalse();
        }

        var list = await Table.ReadAsync(default);
        list.View.ShouldBe(2);
        list.Nodes.ShouldBe([Node("a"), Node("b")]);
    }

    [Fact]
    public async Task A_change_that_is_sent_again_is_refused_and_a_new_look_finds_what_it_did()
    {
        await PutAsync(Node("a"));
        var change = new NodeChange(1, Node("b"), [Node("a").Key]);
        (await Table.TryChangeAsync(change, default)).ShouldBeTrue();
        (await Table.TryChangeAsync(change, default)).ShouldBeFalse();
        var list = await Table.ReadAsync(default);
        list.Nodes.ShouldBe([Node("b")]);

        (await Table.TryChangeAsync(change with { ExpectedView = list.View }, default)).ShouldBeTrue();
        (await Table.ReadAsync(default)).Nodes.ShouldBe([Node("b")]);
    }

    [Fact]
    public async Task Any_run_of_changes_leaves_what_the_port_says()
    {
        var random = new Random(7);
        var expected = new NodeList(0, []);
        for (var i = 0; i < 60; i++)
        {
            // A name for each key, as in a cluster: the port's order of two of one name and view is open.
            var change = new NodeChange(
                expected.View - random.Next(0, 4) / 3,
                random.Next(4) == 0 ? null : Random(random) with { State = (NodeState)random.Next(1, 3), Since = random.Next(5) },
                [.. Enumerable.Range(0, random.Next(3)).Select(_ => Random(random).Key)]);
            (await Table.TryChangeAsync(change, default)).ShouldBe(change.ExpectedView == expected.View);
            if (change.ExpectedView == expected.View)
                expected = expected.With(change);
            var list = await Table.ReadAsync(default);
            list.View.ShouldBe(expected.View);
            list.Nodes.ShouldBe(expected.Nodes);
        }

        static NodeRow Random(Random random)
        {
            var (host, uid) = (random.Next(3), random.Next(2));
            return Node($"n{host}-{uid}", uid) with { Key = new NodeKey($"h{host}", uid) };
        }
    }

    [Fact]
    public async Task Of_many_changers_one_wins_each_number()
    {
        const int Changers = 6, Views = 60;
        var tables = new List<INodeTable>();
        for (var i = 0; i < Changers; i++)
            tables.Add(await CreateAsync());

        var wins = await Task.WhenAll(tables.Select((table, i) => Task.Run(() => WinAsync(table, i))));

        wins.SelectMany(won => won).Order().ShouldBe(Enumerable.Range(0, Views).Select(view => (long)view));
        var list = await Table.ReadAsync(default);
        list.View.ShouldBe(Views);
        list.Nodes.Select(n => (n.Name, n.Since)).ShouldBe(
            wins.SelectMany((won, i) => won.Select(view => (Name: Name(i), View: view))).OrderBy(w => w.View));

        static async Task<List<long>> WinAsync(INodeTable table, int changer)
        {
            var won = new List<long>();
            while (await table.ReadAsync(default) is { View: < Views and var view })
            {
                if (await table.TryChangeAsync(new NodeChange(view, Node(Name(changer), (int)view, view), []), default))
                    won.Add(view);
            }

            return won;
        }

        static string Name(int changer) => string.Create(CultureInfo.InvariantCulture, $"n{changer}");
    }

    [Fact]
    public async Task Of_two_that_evict_each_other_one_wins()
    {
        var (a, b) = (Node("a"), Node("b"));
        INodeTable[] tables = [Table, await CreateAsync()];
        for (var round = 0; round < 15; round++)
        {
            var (_, view) = (await PutAsync(a), (await Table.ReadAsync(default)).View + 1);
            await PutAsync(b);
            var won = await Task.WhenAll(
                Task.Run(async () => await tables[0].TryChangeAsync(new NodeChange(view, null, [b.Key]), default)),
                Task.Run(async () => await tables[1].TryChangeAsync(new NodeChange(view, null, [a.Key]), default)));

            won.Count(w => w).ShouldBe(1);
            var list = await Table.ReadAsync(default);
            list.View.ShouldBe(view + 1);
            list.Nodes.ShouldBe([won[0] ? a : b]);
        }
    }

    [Fact]
    public async Task What_is_read_stood_there_at_one_moment()
    {
        // Each change swaps x and y: a read that sees both or none mixed two moments.
        await PutAsync(Node("x"));
        var writer = await CreateAsync();
        var writing = Task.Run(async () =>
        {
            for (long view = 1; view <= 60; view++)
            {
                var (comes, goes) = view % 2 == 1 ? ("y", "x") : ("x", "y");
                (await writer.TryChangeAsync(new NodeChange(view, Node(comes), [Node(goes).Key]), default)).ShouldBeTrue();
            }
        });
        long last = 0;
        while (!writing.IsCompleted)
        {
            var list = await Table.ReadAsync(default);
            list.Nodes.ShouldHaveSingleItem().Name.ShouldBe(list.View % 2 == 1 ? "x" : "y");
            list.View.ShouldBeGreaterThanOrEqualTo(last);
            last = list.View;
        }

        await writing;
    }

    [Fact]
    public async Task A_list_that_was_read_does_not_change_afterwards()
    {
        await PutAsync(Node("a"));
        var before = await Table.ReadAsync(default);
        await PutAsync(Node("b"));
        before.Nodes.ShouldBe([Node("a")]);
        before.View.ShouldBe(1);
    }

    [Fact]
    public async Task A_text_that_a_database_would_change_is_an_error_of_the_caller()
    {
        foreach (var text in new[] { "a\0b", "a\uD800", "\uDC00a" })
        {
            NodeChange[] changes =
            [
                new(0, Node("a") with { Key = new NodeKey(text, 1) }, []),
                new(0, Node("a") with { Name = text }, []),
                new(0, Node("a") with { Roles = text }, []),
                new(0, null, [new NodeKey(text, 1)]),
            ];
            foreach (var change in changes)
                await Should.ThrowAsync<ArgumentException>(async () => await Table.TryChangeAsync(change, default));
        }

        (await Table.ReadAsync(default)).View.ShouldBe(0);
    }

    [Fact]
    public async Task Who_gives_up_waiting_hears_of_that()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await Table.ReadAsync(cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(
            async () => await Table.TryChangeAsync(new NodeChange(0, Node("a"), []), cancelled.Token));
        (await Table.ReadAsync(default)).View.ShouldBe(0);
    }

    protected static NodeRow Node(string name, int uid = 1, long since = 0) =>
        new(new NodeKey($"{name}:1", uid), name, "rooms", NodeState.Joining, since);

    protected async Task<bool> PutAsync(NodeRow row) => await Table.TryChangeAsync(
        new NodeChange((await Table.ReadAsync(default)).View, row, []), default);
}
