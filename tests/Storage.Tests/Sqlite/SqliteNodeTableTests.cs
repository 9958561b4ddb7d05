using System.Diagnostics;
using ClusterChat.Cluster.Arbiter;
using ClusterChat.Storage.Sqlite;
using ClusterChat.Storage.Tests.Contract;
using Microsoft.Data.Sqlite;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteNodeTableTests : NodeTableContract
{
    // About 1 s at most; the rest is for a machine that has much else to do.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();
    private readonly List<SqliteNodeTable> _tables = [];

    public override async Task DisposeAsync()
    {
        foreach (var table in _tables)
            await table.DisposeAsync();
        await _folder.DeleteAsync();
    }

    protected override async Task<INodeTable> CreateAsync() => await StartAsync(_folder.Options);

    [Fact]
    public async Task It_shares_its_file_with_the_secret()
    {
        var secret = await new SqliteSecretStore(_folder.Options).GetOrCreateAsync(new byte[32], default);
        await PutAsync(Node("a"));
        (await new SqliteSecretStore(_folder.Options).GetOrCreateAsync(new byte[32], default)).ShouldBe(secret);
        (await (await CreateAsync()).ReadAsync(default)).View.ShouldBe(1);
    }

    [Fact]
    public async Task A_table_outlives_its_processes()
    {
        await PutAsync(Node("a"));
        await _tables[0].DisposeAsync();
        (await (await CreateAsync()).ReadAsync(default)).Find(Node("a").Key).ShouldBe(Node("a"));
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
    }

    [Fact]
    public async Task An_upgrade_keeps_the_number_of_the_view()
    {
        var options = _folder.Options with { Folder = Path.Combine(_folder.Root, "old") };
        var file = SqliteFiles.Ensure(options.Folder, SqliteSecretStore.FileName);
        await TempFolder.ExecuteAsync(file, $"""
            {await Resource.TextAsync("Sqlite/Cluster/0001_secret.sql")}
            {await Resource.TextAsync("Sqlite/Cluster/0002_membership.sql")}
            UPDATE membership SET view = 41;
            INSERT INTO node VALUES ('a', '1', 3, 'a:1', 5);
            PRAGMA user_version = 2
            """);

        var table = await StartAsync(options);
        var list = await table.ReadAsync(default);
        (list.View, list.Nodes.Count).ShouldBe((41, 0));
        (await table.TryChangeAsync(new NodeChange(0, Node("b"), []), default)).ShouldBeFalse();
        (await table.TryChangeAsync(new NodeChange(41, Node("b"), []), default)).ShouldBeTrue();
        (await table.ReadAsync(default)).View.ShouldBe(42);
    }

    [Fact]
    public async Task A_writer_that_does_not_end_is_an_outage_of_bounded_length_and_readers_do_not_wait()
    {
        var impatient = await StartAsync(_folder.Options with { BusyTimeout = TimeSpan.FromMilliseconds(50) });
        await PutAsync(Node("a"));
        await using (await LockAsync())
        {
            var start = Stopwatch.GetTimestamp();
            var e = await Should.ThrowAsync<NodeTableUnavailableException>(
                async () => await impatient.TryChangeAsync(new NodeChange(1, Node("b"), []), default));
            e.Message.ShouldContain("locked");
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Limit);
            (await impatient.ReadAsync(default)).View.ShouldBe(1);
        }

        (await impatient.TryChangeAsync(new NodeChange(1, Node("b"), []), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Options_that_allow_more_do_not_make_a_caller_wait_for_long()
    {
        var patient = await StartAsync(_folder.Options with { BusyTimeout = TimeSpan.FromMinutes(2), OperationTimeout = TimeSpan.FromMinutes(2) });
        await using (await LockAsync())
        {
            var start = Stopwatch.GetTimestamp();
            await Should.ThrowAsync<NodeTableUnavailableException>(
                async () => await patient.TryChangeAsync(new NodeChange(0, Node("a"), []), default));
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Limit);
        }
    }

    [Fact]
    public async Task A_call_that_was_given_up_before_its_turn_takes_no_effect()
    {
        await PutAsync(Node("a"));
        Task<bool> first;
        await using (await LockAsync())
        {
            // The second one would be right after the first, which waits for the lock.
            first = Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default).AsTask();
            using var patience = new CancellationTokenSource();
            var second = Table.TryChangeAsync(new NodeChange(2, Node("c"), []), patience.Token).AsTask();
            await patience.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => second);
        }

        // On a machine that stands still for seconds it fails, which changes nothing for the second.
        await Task.WhenAny(first);
        (await Table.ReadAsync(default)).Find(Node("c").Key).ShouldBeNull();
    }

    [Fact]
    public async Task A_file_that_was_replaced_is_an_outage_and_not_an_empty_cluster()
    {
        await PutAsync(Node("a"));
        File.Delete(_folder.ClusterFile);
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
        await Should.ThrowAsync<NodeTableUnavailableException>(
            async () => await Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default));
        await TempFolder.ExecuteAsync(_folder.ClusterFile, "CREATE TABLE other (x)");
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
    }

    [Fact]
    public async Task A_file_that_is_away_for_a_while_is_used_again_when_it_is_back()
    {
        await PutAsync(Node("a"));
        foreach (var suffix in new[] { "", "-wal", "-shm" })
            File.Move(_folder.ClusterFile + suffix, _folder.ClusterFile + "-away" + suffix);
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
        await Should.ThrowAsync<NodeTableUnavailableException>(
            async () => await Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default));

        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            if (File.Exists(_folder.ClusterFile + "-away" + suffix))
                File.Move(_folder.ClusterFile + "-away" + suffix, _folder.ClusterFile + suffix);
        }

        (await Table.ReadAsync(default)).Nodes.ShouldBe([Node("a")]);
        (await PutAsync(Node("b"))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_table_that_lost_its_view_is_an_outage_and_not_an_empty_cluster()
    {
        await PutAsync(Node("a"));
        await TempFolder.ExecuteAsync(_folder.ClusterFile, "DELETE FROM membership");
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
        (await Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default)).ShouldBeFalse();
        await TempFolder.ExecuteAsync(_folder.ClusterFile, "INSERT INTO membership VALUES (1, 1); DROP TABLE cluster_node");
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await Table.ReadAsync(default));
        await Should.ThrowAsync<NodeTableUnavailableException>(
            async () => await Table.TryChangeAsync(new NodeChange(1, Node("b"), []), default));
    }

    [Fact]
    public async Task A_change_that_fails_in_its_middle_leaves_nothing_behind()
    {
        await PutAsync(Node("a"));
        await TempFolder.ExecuteAsync(
            _folder.ClusterFile,
            "CREATE TRIGGER no_b BEFORE INSERT ON cluster_node WHEN new.name = 'b' BEGIN SELECT RAISE(ABORT, 'no b'); END");
        var e = await Should.ThrowAsync<NodeTableUnavailableException>(
            async () => await Table.TryChangeAsync(new NodeChange(1, Node("b"), [Node("a").Key]), default));
        e.Message.ShouldContain("no b");

        var list = await Table.ReadAsync(default);
        list.View.ShouldBe(1);
        list.Nodes.ShouldBe([Node("a")]);
    }

    [Fact]
    public async Task A_table_that_was_not_opened_or_cannot_be_says_so()
    {
        await using var table = new SqliteNodeTable(
            _folder.Options with { Folder = Path.Combine(_folder.Root, "bad") }, TimeProvider.System);
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await table.ReadAsync(default));
        Directory.CreateDirectory(Path.Combine(_folder.Root, "bad", SqliteSecretStore.FileName));
        await Should.ThrowAsync<StorageStartException>(() => table.StartAsync(default));
        await Should.ThrowAsync<NodeTableUnavailableException>(async () => await table.ReadAsync(default));
    }

    /// <summary>Another process's transaction, until it is disposed of.</summary>
    private async Task<SqliteConnection> LockAsync()
    {
        var connection = TempFolder.Connect(_folder.ClusterFile);
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private async Task<SqliteNodeTable> StartAsync(SqliteStorageOptions options)
    {
        var table = new SqliteNodeTable(options, TimeProvider.System);
        _tables.Add(table);
        await table.StartAsync(default);
        return table;
    }
}
