using System.Diagnostics;
using ClusterChat.Cluster.Membership;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;
using ClusterChat.TestKit;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresMembershipStoreTests : MembershipStoreContract
{
    private readonly List<PostgresMembershipStore> _stores = [];
    private PostgresStore? _schema;

    private PostgresStore Schema => _schema ?? throw new InvalidOperationException("Not started.");

    public override async Task DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        if (_schema is not null)
            await _schema.DisposeAsync();
    }

    protected override async Task<IMembershipStore> CreateAsync()
    {
        _schema ??= await PostgresStore.CreateAsync();
        return await StartAsync(_schema.Options);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_on_an_empty_database_share_one_table()
    {
        var empty = (await PostgresStore.CreateAsync()).Options;
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => StartAsync(empty))));

        var won = await Task.WhenAll(stores.Select((store, i) => Task.Run(async () =>
            await store.TryChangeAsync(new MembershipChange(0, Node($"n{i}"), []), default))));

        won.Count(w => w).ShouldBe(1);
        foreach (var store in stores)
            (await store.ReadAsync(default)).Nodes.ShouldHaveSingleItem().Node.Name.ShouldBe($"n{Array.IndexOf(won, true)}");
    }

    [Fact]
    public async Task A_lock_that_is_held_is_an_outage_of_bounded_length_and_readers_do_not_wait()
    {
        var impatient = await StartAsync(Schema.Options with { LockTimeout = TimeSpan.FromMilliseconds(50) });
        await AddAsync(Node("a"));
        await using (var connection = new NpgsqlConnection(Schema.Options.ConnectionString))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("SELECT 1 FROM membership, node FOR UPDATE", connection, transaction);
            await hold.ExecuteNonQueryAsync();

            await Should.ThrowAsync<MembershipUnavailableException>(async () => await impatient.HeartbeatAsync("a/1", 1, default));
            await Should.ThrowAsync<MembershipUnavailableException>(
                async () => await impatient.TryChangeAsync(new MembershipChange(1, Node("b"), []), default));
            (await impatient.ReadAsync(default)).View.ShouldBe(1);
        }

        (await impatient.HeartbeatAsync("a/1", 2, default)).Find("a/1")!.Heartbeat.ShouldBe(2);
    }

    [Fact]
    public async Task A_heartbeat_that_waited_for_a_change_tells_one_moment_and_raises_nobody_from_the_dead()
    {
        await AddAsync(Node("a"));
        await AddAsync(Node("b"));
        await using var connection = new NpgsqlConnection(Schema.Options.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var remove = new NpgsqlCommand(
            """UPDATE membership SET "view" = "view" + 1; DELETE FROM node WHERE name = 'a'; SELECT pg_backend_pid()""", connection, transaction);
        var holder = (int)(await remove.ExecuteScalarAsync())!;

        var beat = Store.HeartbeatAsync("a/1", 5, default).AsTask();
        await using var watching = new NpgsqlConnection(Schema.Options.ConnectionString);
        await watching.OpenAsync();
        await using var waits = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))", watching)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = holder } },
        };
        while (await waits.ExecuteScalarAsync() is 0L)
        {
        }

        await transaction.CommitAsync();
        var table = await beat;
        (table.View, table.Nodes.Count).ShouldBe((2, 2));
        table.Find("a/1")!.Heartbeat.ShouldBe(0);
        var later = await Store.HeartbeatAsync("a/1", 6, default);
        (later.View, later.Nodes.Count).ShouldBe((3, 1));
    }

    [Fact]
    public async Task A_change_that_fails_in_its_middle_leaves_nothing_behind()
    {
        await AddAsync(Node("a"));
        await Schema.ExecuteAsync("ALTER TABLE node ADD CONSTRAINT no_b CHECK (name <> 'b')");

        await Should.ThrowAsync<MembershipUnavailableException>(
            async () => await Store.TryChangeAsync(new MembershipChange(1, Node("b"), ["a/1"]), default));

        var table = await Store.ReadAsync(default);
        (table.View, table.Nodes.ShouldHaveSingleItem().Node.Id).ShouldBe((1, "a/1"));
    }

    [Fact]
    public async Task A_vote_that_was_written_while_its_node_went_is_not_seen_and_goes_with_the_next_change()
    {
        await AddAsync(Node("a"));
        await Schema.ExecuteAsync("INSERT INTO vote VALUES ('a/1', 'gone/1')");
        (await Store.ReadAsync(default)).Votes.ShouldBeEmpty();
        await AddAsync(Node("gone"));
        (await Store.ReadAsync(default)).Votes.ShouldHaveSingleItem();

        await Schema.ExecuteAsync("INSERT INTO vote VALUES ('a/1', 'nobody/1')");
        await AddAsync(Node("c"));
        (await CountVotesAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_session_that_hangs_is_an_outage_of_bounded_length_and_the_next_call_gets_another_one()
    {
        var impatient = await StartAsync(Schema.Options with { OperationTimeout = TimeSpan.FromMilliseconds(300) });
        await AddAsync(Node("a"));
        await impatient.ReadAsync(default);
        var session = await SessionAsync();
        await PostgresServer.SignalAsync("STOP", session);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var e = await Should.ThrowAsync<MembershipUnavailableException>(async () => await impatient.HeartbeatAsync("a/1", 1, default));
            e.Message.ShouldContain("0.3 s");
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
            (await impatient.HeartbeatAsync("a/1", 2, default)).Find("a/1")!.Heartbeat.ShouldBe(2);
        }
        finally
        {
            await PostgresServer.SignalAsync("CONT", session);
        }

        async Task<int> SessionAsync()
        {
            // The contract's own store has asked through another one, and was the earlier one to do so.
            await using var connection = new NpgsqlConnection(Schema.Options.ConnectionString);
            await connection.OpenAsync();
            await using var ask = new NpgsqlCommand(
                """
                SELECT pid FROM pg_stat_activity
                WHERE query LIKE '%FROM vote%' AND query NOT LIKE '%pg_stat_activity%' AND state = 'idle' ORDER BY query_start DESC LIMIT 1
                """,
                connection);
            return (int)(await ask.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task A_table_that_is_gone_is_an_outage_and_not_an_empty_cluster()
    {
        await AddAsync(Node("a"));
        await Schema.ExecuteAsync("DELETE FROM membership");
        await Should.ThrowAsync<MembershipUnavailableException>(async () => await Store.ReadAsync(default));
        await Schema.ExecuteAsync("DROP TABLE membership");
        await Should.ThrowAsync<MembershipUnavailableException>(async () => await Store.HeartbeatAsync("a/1", 1, default));
    }

    [Fact]
    public async Task A_store_that_is_not_open_yet_or_any_more_says_so()
    {
        await using (var unopened = new PostgresMembershipStore(Schema.Options, TimeProvider.System))
            await Should.ThrowAsync<MembershipUnavailableException>(async () => await unopened.ReadAsync(default));
        var closed = await StartAsync(Schema.Options);
        await closed.DisposeAsync();
        await Should.ThrowAsync<MembershipUnavailableException>(async () => await closed.ReadAsync(default));
    }

    [Fact]
    public async Task Who_gives_up_waiting_hears_of_that()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await Store.ReadAsync(cancelled.Token));
        (await Store.ReadAsync(default)).View.ShouldBe(0);
    }

    private async Task<long> CountVotesAsync()
    {
        await using var connection = new NpgsqlConnection(Schema.Options.ConnectionString);
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand("SELECT count(*) FROM vote", connection);
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private async Task<PostgresMembershipStore> StartAsync(PostgresStorageOptions options)
    {
        var store = new PostgresMembershipStore(options, TimeProvider.System);
        lock (_stores)
            _stores.Add(store);
        await store.StartAsync(default);
        return store;
    }
}
