using System.Diagnostics;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;
using ClusterChat.Storage.Postgres;
using ClusterChat.TestKit;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>The table of nodes while its server is killed, away, frozen and back.</summary>
[Trait("Needs", "PostgreSQL")]
public sealed class PostgresMembershipOutageTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private PostgresMembershipStore? _store;

    private PostgresServer Server => _server!;

    private PostgresMembershipStore Store => _store!;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.CreateAsync();
        var schema = await PostgresStore.CreateAsync(_server);
        _store = new PostgresMembershipStore(schema.Options, TimeProvider.System);
        await _store.StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task Views_survive_a_killed_server_and_calls_fail_fast_until_it_is_back()
    {
        (await Store.TryChangeAsync(new MembershipChange(0, Node("a"), []), default)).ShouldBeTrue();
        await Store.HeartbeatAsync("a/1", 3, default);
        await Server.StopAsync("KILL");

        for (var i = 0; i < 5; i++)
        {
            var e = await Should.ThrowAsync<MembershipUnavailableException>(async () => await Store.HeartbeatAsync("a/1", 4 + i, default));
            e.ToString().ShouldNotContain("not-asked-for");
            await Should.ThrowAsync<MembershipUnavailableException>(async () => await Store.ReadAsync(default));
            await Should.ThrowAsync<MembershipUnavailableException>(
                async () => await Store.TryChangeAsync(new MembershipChange(1, Node("b"), []), default));
            await Should.ThrowAsync<MembershipUnavailableException>(
                async () => await Store.VoteAsync(new MembershipVote("a/1", "a/1"), holds: true, default));
        }

        await Server.StartAsync();
        var table = await Store.HeartbeatAsync("a/1", 9, default);
        (table.View, table.Find("a/1")!.Heartbeat).ShouldBe((1, 9));
        (await Store.TryChangeAsync(new MembershipChange(1, Node("b"), []), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_takes_connections_and_does_not_answer_holds_nobody_for_long()
    {
        await Store.ReadAsync(default);
        await using var connection = new NpgsqlConnection(Server.ConnectionString);
        await connection.OpenAsync();
        await using var ask = new NpgsqlCommand("SELECT pid FROM pg_stat_activity WHERE query LIKE '%FROM vote%' AND pid <> pg_backend_pid()", connection);
        int[] frozen = [(int)(await ask.ExecuteScalarAsync())!, Server.Pid];
        foreach (var pid in frozen)
            await PostgresServer.SignalAsync("STOP", pid);
        var start = Stopwatch.GetTimestamp();
        try
        {
            // The first one waits for its session, the second one for a new connection.
            for (var i = 0; i < 2; i++)
                await Should.ThrowAsync<MembershipUnavailableException>(async () => await Store.ReadAsync(default));
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        }
        finally
        {
            foreach (var pid in frozen)
                await PostgresServer.SignalAsync("CONT", pid);
        }

        (await Store.ReadAsync(default)).View.ShouldBe(0);
    }

    private static ClusterNode Node(string name) => new(name, "1", NodeRoles.Rooms, $"{name}:1");
}
