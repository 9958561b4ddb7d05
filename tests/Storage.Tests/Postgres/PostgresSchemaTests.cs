using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;
using ClusterChat.TestKit;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

public sealed class PostgresSchemaTests : PostgresTest
{
    [Fact]
    public async Task A_server_is_reached_through_its_socket_in_the_file_system()
    {
        var server = await PostgresServer.Shared;
        var journal = await Store.StartAsync(Store.Options with
        {
            ConnectionString = Store.Options.ConnectionString.Replace(server.ConnectionString, server.SocketConnectionString, StringComparison.Ordinal),
            StartTimeout = TimeSpan.Zero,
        });
        (await journal.OpenAsync("r")).Head.ShouldBe(0);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_on_an_empty_database_all_start()
    {
        var journals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Store.StartAsync())));

        foreach (var journal in journals)
            await journal.OpenAsync("r");
        (await ScalarAsync("SELECT version FROM clusterchat_schema")).ShouldBe(8);
        (await ScalarAsync("SELECT count(*) FROM clusterchat_schema")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_with_a_clear_error()
    {
        await Store.StartAsync();
        await Store.ExecuteAsync("UPDATE clusterchat_schema SET version = 99");

        var e = await Should.ThrowAsync<StorageStartException>(() => Store.StartAsync());
        e.Message.ShouldContain("schema version 99");
        e.Message.ShouldContain("newer version");
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named_and_the_password_is_not()
    {
        var e = await Should.ThrowAsync<StorageStartException>(
            () => Store.StartAsync(Store.Options with { ConnectionString = Store.Options.ConnectionString + ";Database=nowhere" }));
        e.Message.ShouldContain("/nowhere");
        e.ToString().ShouldNotContain("not-asked-for");
    }

    [Fact]
    public async Task A_database_of_another_encoding_is_refused()
    {
        await Store.ExecuteAsync("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");

        var e = await Should.ThrowAsync<StorageStartException>(
            () => Store.StartAsync(Store.Options with { ConnectionString = Store.Options.ConnectionString + ";Database=latin" }));
        e.Message.ShouldContain("LATIN1");
    }

    [Theory]
    [InlineData("Host=db;Password=a;secret=b")]
    [InlineData("postgres://user:secret@db/chat")]
    [InlineData("Port=x;Host=secret")]
    [InlineData("Database=secret")]
    [InlineData("")]
    public void A_wrong_connection_string_is_refused_without_repeating_it(string text)
    {
        var options = new PostgresStorageOptions { ConnectionString = text };
        Should.Throw<ArgumentException>(() => options.Validate()).ToString().ShouldNotContain("secret");
        options.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task Sessions_have_the_settings_that_durability_and_bounds_rest_on()
    {
        await using var source = PostgresDatabase.Create(Store.Options with { LockTimeout = TimeSpan.FromSeconds(1) }, "test");
        await using var command = source.CreateCommand("""
            SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN
            ('synchronous_commit', 'lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'default_transaction_isolation')
            """);
        (await command.ExecuteScalarAsync()).ShouldBe(
            "default_transaction_isolation=read committed idle_in_transaction_session_timeout=10000 lock_timeout=1000 "
            + "statement_timeout=5000 synchronous_commit=on");
    }

    [Fact]
    public async Task Metrics_call_a_pool_by_its_name_instead_of_its_hosts_and_user()
    {
        using var meters = new MeterReader();
        await Store.StartAsync();
        meters.Read()["db_client_connection_max"].Samples.Select(s => s.Labels["db_client_connection_pool_name"]).ShouldContain("journal");
    }

    [Fact]
    public async Task An_append_reaches_the_tables_by_index_even_without_statistics()
    {
        await Store.StartAsync();
        await using var source = PostgresDatabase.Create(Store.Options, "test");
        var sql = new JournalStatements(trustFailover: false).Append;
        await using var connection = await source.OpenConnectionAsync();
        await ExecuteAsync($"PREPARE append (text[], bigint[], bigint[], bigint[], bigint[], bigint[], smallint[], text[], text[], bigint[], bigint[], bytea[]) AS {sql}");
        await using var explain = new NpgsqlCommand("EXPLAIN EXECUTE append ('{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}')", connection);
        var plan = new List<string>();
        await using (var reader = await explain.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                plan.Add(reader.GetString(0));
        }

        var text = string.Join('\n', plan);
        text.ShouldNotContain("Seq Scan");
        // Each access of a table has a condition on its index.
        plan.Count(line => line.Contains("Index Scan", StringComparison.Ordinal) || line.Contains("Index Only Scan", StringComparison.Ordinal))
            .ShouldBe(plan.Count(line => line.Contains("Index Cond", StringComparison.Ordinal)), text);

        async Task ExecuteAsync(string statement)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task Of_two_histories_the_other_one_begins_a_new_log()
    {
        var journal = await Store.StartAsync();
        var before = await journal.OpenAsync("r", view: 3);
        await journal.CommitAsync(Make.Entry("r", before.Epoch, 0, "a"));
        await Store.ExecuteAsync("UPDATE room SET timeline = '1/00000001'");

        (await journal.AppendAsync(Make.Entry("r", before.Epoch, 1, "b"))).Status.ShouldBe(AppendStatus.Fenced);
        // A refused open changes nothing.
        (await journal.OpenAsync("r", view: 2, tail: 0, default)).ShouldBeNull();
        var after = await journal.OpenAsync("r", view: 3);
        after.Log.ShouldNotBe(before.Log);
        after.Epoch.ShouldBe(before.Epoch + JournalStatements.EpochLeap);
        after.Head.ShouldBe(1);
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
