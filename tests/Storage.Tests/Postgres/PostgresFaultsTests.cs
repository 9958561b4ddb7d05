using System.Net.Sockets;
using ClusterChat.Storage.Postgres;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>What is read out of the driver's errors. No server is needed.</summary>
public sealed class PostgresFaultsTests
{
    [Fact]
    public async Task A_host_whose_name_is_not_known_may_become_known()
    {
        // No name at all, so no server of names is asked.
        await using var table = new PostgresNodeTable(
            new PostgresStorageOptions { ConnectionString = "Host=a..b;Username=u;Password=not-asked-for", StartTimeout = TimeSpan.Zero }, TimeProvider.System);
        var e = await Should.ThrowAsync<StorageStartException>(() => table.StartAsync(default));
        PostgresFaults.IsPassing(e.InnerException.ShouldNotBeNull()).ShouldBeTrue();
        e.ToString().ShouldNotContain("not-asked-for");
    }

    [Fact]
    public void What_may_pass_is_found_anywhere_among_the_causes()
    {
        var passing = new SocketException((int)SocketError.ConnectionRefused);
        var lasting = new PostgresException("no", "FATAL", "FATAL", PostgresErrorCodes.InvalidPassword);
        Exception[] wraps =
        [
            passing,
            new AggregateException(lasting, passing),
            new NpgsqlException("hosts", new AggregateException(lasting, passing)),
            new NpgsqlException("hosts", new AggregateException(lasting, new NpgsqlException("one", passing))),
            new NpgsqlException("hosts", new AggregateException(new InvalidOperationException("x", new AggregateException(new AggregateException(passing))))),
        ];
        foreach (var error in wraps)
            PostgresFaults.IsPassing(error).ShouldBeTrue(error.ToString());

        PostgresFaults.IsPassing(new NpgsqlException("hosts", new AggregateException(lasting, new NpgsqlException("one")))).ShouldBeFalse();
        PostgresFaults.IsPassing(new NpgsqlException("one")).ShouldBeFalse();
    }

    [Fact]
    public void An_outdated_session_is_found_anywhere_among_the_causes()
    {
        var outdated = new PostgresException("no", "ERROR", "ERROR", PostgresErrorCodes.ReadOnlySqlTransaction);
        PostgresFaults.IsOutdatedSession(outdated).ShouldBeTrue();
        PostgresFaults.IsOutdatedSession(new NpgsqlException("hosts", new AggregateException(new IOException(), outdated))).ShouldBeTrue();
        PostgresFaults.IsOutdatedSession(new NpgsqlException("hosts", new AggregateException(new IOException()))).ShouldBeFalse();
    }

    [Fact]
    public void All_hosts_are_described_once_in_one_line()
    {
        var error = new NpgsqlException(
            "hosts",
            new AggregateException(
                new NpgsqlException("one", new IOException("a")),
                new AggregateException(new NpgsqlException("one", new IOException("a")), new PostgresException("b", "FATAL", "FATAL", "28P01"))));
        PostgresFaults.Describe(error).ShouldBe("one: a; b (PostgreSQL 28P01)");
    }
}
