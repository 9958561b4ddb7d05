using System.Diagnostics;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.Storage.Postgres;
using ClusterChat.TestKit;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>The table of nodes while its server is killed, away, frozen, demoted and back.</summary>
[Trait("Needs", "PostgreSQL")]
public sealed class PostgresNodeTableOutageTests : IAsyncLifetime
{
    // 1.8 s a call at most; the rest is for a machine that has much else to do.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private PostgresServer? _server;
    private PostgresStore? _schema;
    private PostgresNodeTable? _table;

    private PostgresServer Server => _server!;

    private PostgresStore Schema => _schema!;

    private PostgresNodeTable Table => _table!;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.CreateAsync();
        _schema = await PostgresStore.CreateAsync(_server);
        _table = new PostgresNodeTable(_schema.Options, TimeProvider.System);
        await _table.StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        if (_table is not null)
            await _table.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("KILL")]
    public async Task Views_survive_a_server_that_ends_and_calls_fail_fast_until_it_is_back(string signal)
    {
        (await Table.TryChangeAsync(new NodeChange(0, Node("a"), []), default)).ShouldBeTrue();
        await Server.StopAsync(signal);

        await ShouldBeAwayAsync(Table);
        await Server.StartAsync();
        await ShouldHaveLostNothingAsync(Table);
    }

    [Fact]
    public async Task Of_two_hosts_the_one_that_is_back_is_used_at_once()
    {
        var options = Schema.Options.WithSecondHost(PostgresHosts.Refusing);
        await using var table = new PostgresNodeTable(options, TimeProvider.System);
        await table.StartAsync(default);
        (await table.TryChangeAsync(new NodeChange(0, Node("a"), []), default)).ShouldBeTrue();
        await Server.StopAsync("KILL");

        await ShouldBeAwayAsync(table);
        await Server.StartAsync();
        await ShouldHaveLostNothingAsync(table);
    }

    [Fact]
    public async Task A_server_that_takes_connections_and_does_not_answer_holds_nobody_for_long()
    {
        await Table.ReadAsync(default);
        await using var connection = new NpgsqlConnection(Server.ConnectionString);
        await connection.OpenAsync();
        await using var ask = new NpgsqlCommand("SELECT pid FROM pg_stat_activity WHERE query LIKE '%JOIN cluster_node%' AND pid <> pg_backend_pid()", connection);
        int[] frozen = [(int)(await ask.ExecuteScalarAsync())!, Server.Pid];
        foreach (var pid in frozen)
            await PostgresServer.SignalAsync("STOP", pid);
        var start = Stopwatch.GetTimestamp();
        try
        {
            // The first one waits for its session, the next for new connections, the last for a place among them.
            for (var i = 0; i < 4; i++)
                await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Limit);
        }
        finally
        {
            foreach (var pid in frozen)
                await PostgresServer.SignalAsync("CONT", pid);
        }

        await EventuallyReadAsync();
        (await Table.TryChangeAsync(new NodeChange(0, Node("a"), []), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_standby_which_may_lag_tells_nobody_who_is_there()
    {
        (await Table.TryChangeAsync(new NodeChange(0, Node("a"), []), default)).ShouldBeTrue();
        await Server.StopAsync();
        await Server.BecomeStandbyAsync();
        await Server.StartAsync();

        // The session of the time before tells of its own end.
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
        (await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default))).Message.ShouldContain("standby");
        await Should.ThrowAsync<NodeTableUnavailableException>(
            async () => await Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default));

        await Schema.ExecuteAsync("SELECT pg_promote(true, 60)");
        await ShouldHaveLostNothingAsync(Table);
    }

    [Fact]
    public async Task A_change_whose_wait_for_the_standby_is_cancelled_is_not_told_as_done()
    {
        await Server.StopAsync();
        await Server.StartAsync("synchronous_standby_names=nobody");
        await EventuallyReadAsync();

        var changing = Table.TryChangeAsync(new NodeChange(0, Node("a"), []), default).AsTask();
        await using var connection = new NpgsqlConnection(Schema.Options.ConnectionString);
        await connection.OpenAsync();
        await using var cancel = new NpgsqlCommand(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", connection);
        while (await cancel.ExecuteScalarAsync() is null && !changing.IsCompleted)
        {
        }

        (await Should.ThrowAsync<NodeTableUnavailableException>(() => changing)).Message.ShouldContain("synchronous replication");
        (await Table.ReadAsync(default)).Nodes.ShouldBe([Node("a")]);
    }

    private static NodeRow Node(string name) => new(new NodeKey($"{name}:1", 1), name, "rooms", NodeState.Up, 0);

    private static async Task ShouldBeAwayAsync(PostgresNodeTable table)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 5; i++)
        {
            var e = await Should.ThrowAsync<NodeTableUnavailableException>(async () => await table.ReadAsync(default));
            e.ToString().ShouldNotContain("not-asked-for");
            await Should.ThrowAsync<NodeTableUnavailableException>(
                async () => await table.TryChangeAsync(new NodeChange(1, Node("b"), []), default));
        }

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Limit);
    }

    private static async Task ShouldHaveLostNothingAsync(PostgresNodeTable table)
    {
        var list = await table.ReadAsync(default);
        list.View.ShouldBe(1);
        list.Nodes.ShouldBe([Node("a")]);
        (await table.TryChangeAsync(new NodeChange(1, Node("b"), []), default)).ShouldBeTrue();
    }

    private async Task EventuallyReadAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await Table.ReadAsync(default);
                return;
            }
            catch (NodeTableUnavailableException) when (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
            {
                // A session of the time before.
            }
        }
    }
}
