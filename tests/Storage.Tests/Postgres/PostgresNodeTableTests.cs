using System.Diagnostics;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;
using ClusterChat.TestKit;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresNodeTableTests : NodeTableContract
{
    // 1.8 s at most; the rest is for a machine that has much else to do.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly List<PostgresNodeTable> _tables = [];
    private PostgresStore? _schema;

    private PostgresStore Schema => _schema ?? throw new InvalidOperationException("Not started.");

    public override async Task DisposeAsync()
    {
        foreach (var table in _tables)
            await table.DisposeAsync();
        if (_schema is not null)
            await _schema.DisposeAsync();
    }

    protected override async Task<INodeTable> CreateAsync()
    {
        _schema ??= await PostgresStore.CreateAsync();
        return await StartAsync(_schema.Options);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_on_an_empty_database_share_one_table()
    {
        var empty = (await PostgresStore.CreateAsync()).Options;
        var tables = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => StartAsync(empty))));

        var won = await Task.WhenAll(tables.Select((table, i) => Task.Run(async () =>
            await table.TryChangeAsync(new NodeChange(0, Node($"n{i}"), []), default))));

        won.Count(w => w).ShouldBe(1);
        foreach (var table in tables)
            (await table.ReadAsync(default)).Nodes.ShouldBe([Node($"n{Array.IndexOf(won, true)}")]);
    }

    [Fact]
    public async Task An_upgrade_keeps_the_number_of_the_view()
    {
        var old = await PostgresStore.CreateAsync();
        foreach (var file in new[] { "0001_journal.sql", "0002_secret.sql", "0003_membership.sql" })
            await old.ExecuteAsync(await Resource.TextAsync("Postgres/" + file));
        await old.ExecuteAsync("""
            CREATE TABLE clusterchat_schema (version integer NOT NULL);
            INSERT INTO clusterchat_schema VALUES (3);
            UPDATE membership SET "view" = 41;
            INSERT INTO node VALUES ('a', '1', 3, 'a:1', 5);
            """);

        var table = await StartAsync(old.Options);
        var list = await table.ReadAsync(default);
        (list.View, list.Nodes.Count).ShouldBe((41, 0));
        (await table.TryChangeAsync(new NodeChange(0, Node("b"), []), default)).ShouldBeFalse();
        (await table.TryChangeAsync(new NodeChange(41, Node("b"), []), default)).ShouldBeTrue();
        (await table.ReadAsync(default)).View.ShouldBe(42);
    }

    [Fact]
    public async Task A_lock_that_is_held_is_an_outage_of_bounded_length_and_readers_do_not_wait()
    {
        await PutAsync(Node("a"));
        await using (var connection = new NpgsqlConnection(Schema.Options.ConnectionString))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("SELECT 1 FROM membership FOR UPDATE", connection, transaction);
            await hold.ExecuteNonQueryAsync();

            var start = Stopwatch.GetTimestamp();
            await Should.ThrowAsync<NodeTableUnavailableException>(
                async () => await Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default));
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Limit);
            (await Table.ReadAsync(default)).View.ShouldBe(1);
        }

        (await Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_change_that_waited_for_another_one_is_refused_and_leaves_nothing_behind()
    {
        await PutAsync(Node("a"));
        await using var connection = new NpgsqlConnection(Schema.Options.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var raise = new NpgsqlCommand(
            """UPDATE membership SET "view" = "view" + 1; SELECT pg_backend_pid()""", connection, transaction);
        var holder = (int)(await raise.ExecuteScalarAsync())!;

        var late = Table.TryChangeAsync(new NodeChange(1, Node("b"), [Node("a").Key]), default).AsTask();
        await using var watching = new NpgsqlConnection(Schema.Options.ConnectionString);
        await watching.OpenAsync();
        await using var waits = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))", watching)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = holder } },
        };
        while (await waits.ExecuteScalarAsync() is 0L && !late.IsCompleted)
        {
        }

        await transaction.CommitAsync();
        (await late).ShouldBeFalse();
        var list = await Table.ReadAsync(default);
        list.View.ShouldBe(2);
        list.Nodes.ShouldBe([Node("a")]);
    }

    [Fact]
    public async Task A_change_that_fails_in_its_middle_leaves_nothing_behind()
    {
        await PutAsync(Node("a"));
        await Schema.ExecuteAsync("ALTER TABLE cluster_node ADD CONSTRAINT no_b CHECK (name <> 'b')");

        await Should.ThrowAsync<NodeTableUnavailableException>(
            async () => await Table.TryChangeAsync(new NodeChange(1, Node("b"), [Node("a").Key]), default));

        var list = await Table.ReadAsync(default);
        list.View.ShouldBe(1);
        list.Nodes.ShouldBe([Node("a")]);
    }

    [Fact]
    public async Task A_session_that_hangs_is_an_outage_of_bounded_length_and_the_change_is_repeated_harmlessly()
    {
        var impatient = await StartAsync(Schema.Options with { OperationTimeout = TimeSpan.FromMilliseconds(300) });
        await PutAsync(Node("a"));
        await impatient.ReadAsync(default);
        var session = await SessionAsync();
        await PostgresServer.SignalAsync("STOP", session);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var e = await Should.ThrowAsync<NodeTableUnavailableException>(
                async () => await impatient.TryChangeAsync(new NodeChange(1, Node("b"), [Node("a").Key]), default));
            e.Message.ShouldContain("0.3 s");
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Limit);

            // The next call gets another session.
            (await Table.ReadAsync(default)).View.ShouldBe(1);
        }
        finally
        {
            await PostgresServer.SignalAsync("CONT", session);
        }

        // The first one may take effect at any moment until its session is gone.
        NodeList list;
        while ((list = await Table.ReadAsync(default)).Find(Node("b").Key) is null)
            await Table.TryChangeAsync(new NodeChange(list.View, Node("b"), [Node("a").Key]), default);
        list.View.ShouldBe(2);
        list.Nodes.ShouldBe([Node("b")]);

        async Task<int> SessionAsync()
        {
            // The contract's own table has asked through another one, and was the earlier one to do so.
            await using var connection = new NpgsqlConnection(Schema.Options.ConnectionString);
            await connection.OpenAsync();
            await using var ask = new NpgsqlCommand(
                """
                SELECT pid FROM pg_stat_activity
                WHERE query LIKE '%JOIN cluster_node%' AND query NOT LIKE '%pg_stat_activity%' AND state = 'idle' ORDER BY query_start DESC LIMIT 1
                """,
                connection);
            return (int)(await ask.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task A_table_that_is_gone_is_an_outage_and_not_an_empty_cluster()
    {
        await PutAsync(Node("a"));
        await Schema.ExecuteAsync("DELETE FROM membership");
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
        (await Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default)).ShouldBeFalse();
        await Schema.ExecuteAsync("INSERT INTO membership VALUES (1, 1); DROP TABLE cluster_node");
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
        await Should.ThrowAsync<NodeTableUnavailableException>(
            async () => await Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default));
    }

    [Fact]
    public async Task A_table_that_is_not_open_yet_or_any_more_says_so()
    {
        await using (var unopened = new PostgresNodeTable(Schema.Options, TimeProvider.System))
            await Should.ThrowAsync<NodeTableUnavailableException>(async () => await unopened.ReadAsync(default));
        var closed = await StartAsync(Schema.Options);
        await closed.DisposeAsync();
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await closed.ReadAsync(default));
    }

    private async Task<PostgresNodeTable> StartAsync(PostgresStorageOptions options)
    {
        var table = new PostgresNodeTable(options, TimeProvider.System);
        lock (_tables)
            _tables.Add(table);
        await table.StartAsync(default);
        return table;
    }
}
