using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;
using ClusterChat.TestKit;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>A server of its own, to be stopped, killed, frozen and promoted.</summary>
[Trait("Needs", "PostgreSQL")]
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private PostgresStore? _store;

    private PostgresServer Server => _server!;

    private PostgresStore Store => _store!;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.CreateAsync();
        _store = await PostgresStore.CreateAsync(_server);
    }

    public async Task DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("KILL")]
    public async Task What_was_acked_survives_an_outage_and_writers_go_on_by_themselves(string signal)
    {
        var journal = await Store.StartAsync(Store.Options with { RetryAfter = TimeSpan.FromMilliseconds(20) });
        var writers = Enumerable.Range(0, 4).Select(i => new Writer(journal, $"r{i}")).ToArray();
        using var stop = new CancellationTokenSource();
        var runs = writers.Select(writer => Task.Run(() => writer.RunAsync(stop.Token))).ToArray();
        await WaitForAcksAsync(writers, 20);

        var failures = Task.WhenAll(writers.Select(writer => writer.NextFailureAsync()));
        await Server.StopAsync(signal);
        await failures;
        await Server.StartAsync();
        await WaitForAcksAsync(writers, writers.Max(writer => writer.Acked.Count) + 20);
        await stop.CancelAsync();
        await Task.WhenAll(runs);

        foreach (var writer in writers)
        {
            var stored = (await journal.AllAsync(writer.Room)).ToArray();
            stored.Seqs().ShouldBe(Enumerable.Range(1, stored.Length).Select(n => (long)n));
            stored.Mids().Distinct().Count().ShouldBe(stored.Length);
            foreach (var (seq, mid) in writer.Acked)
                stored[seq - 1].Mid.ShouldBe(mid);
        }
    }

    [Fact]
    public async Task While_the_server_is_away_all_calls_fail_fast_and_name_the_reason()
    {
        var journal = await Store.StartAsync(Store.Options with { RetryAfter = TimeSpan.Zero });
        var opened = await journal.OpenAsync("r");
        await Server.StopAsync();

        for (var i = 0; i < 20; i++)
        {
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("r"));
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.AllAsync("r"));
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.NamesAsync());
            var result = await journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"));
            result.Status.ShouldBe(AppendStatus.Unknown);
            result.Error.ShouldNotBeNullOrEmpty();
            result.Error.ShouldNotContain("not-asked-for");
        }

        await Server.StartAsync();
        await journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
    }

    [Fact]
    public async Task A_frozen_session_is_unknown_in_bounded_time()
    {
        var frozen = 0;
        var journal = await Store.StartAsync(Store.Options with
        {
            OperationTimeout = TimeSpan.FromMilliseconds(300),
            OnAppend = async connection =>
            {
                if (Interlocked.CompareExchange(ref frozen, connection.ProcessID, 0) == 0)
                    await PostgresServer.SignalAsync("STOP", connection.ProcessID);
            },
        });
        var opened = await journal.OpenAsync("r");

        (await journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Unknown);

        await PostgresServer.SignalAsync("CONT", frozen);
        var again = await (await Store.StartAsync()).OpenAsync("r");
        again.Head.ShouldBeInRange(0, 1);
    }

    [Fact]
    public async Task A_start_waits_for_the_server()
    {
        await Server.StopAsync();
        var starting = Store.StartAsync();
        await Server.StartAsync();
        await (await starting).OpenAsync("r");
    }

    [Fact]
    public async Task A_start_gives_up_with_a_clear_error_that_does_not_name_the_password()
    {
        await Server.StopAsync();
        var e = await Should.ThrowAsync<StorageStartException>(
            () => Store.StartAsync(Store.Options with { StartTimeout = TimeSpan.Zero }));
        e.ToString().ShouldContain($"127.0.0.1:{Server.Port}/postgres");
        e.ToString().ShouldNotContain("not-asked-for");
        await Server.StartAsync();
    }

    [Fact]
    public async Task After_a_promotion_rooms_begin_new_logs_unless_the_fail_over_is_trusted()
    {
        Store.Options = Store.Options with { RetryAfter = TimeSpan.Zero };
        var journal = await Store.StartAsync();
        var trusting = await Store.StartAsync(Store.Options with { TrustFailover = true });
        var before = await journal.OpenAsync("r");
        await journal.CommitAsync(Make.Entry("r", before.Epoch, 0, "a"));
        var trusted = await trusting.OpenAsync("trusted");
        var unborn = await journal.OpenAsync("unborn");

        await Server.StopAsync();
        await Server.BecomeStandbyAsync();
        await Server.StartAsync();
        await Store.ExecuteAsync("SELECT pg_promote(true, 60)");

        // An activation that lived through it could have been overtaken in what was lost: it has to open again.
        (await EventuallyAsync(async () =>
        {
            var result = await journal.AppendAsync(Make.Entry("r", before.Epoch, 1, "b"));
            return result.Status == AppendStatus.Unknown ? null : result;
        })).Status.ShouldBe(AppendStatus.Fenced);
        var after = await journal.OpenAsync("r");
        after.Log.ShouldNotBe(before.Log);
        after.Epoch.ShouldBeGreaterThan(before.Epoch + 1000);
        after.Tail.Mids().ShouldBe(["a"]);
        await journal.CommitAsync(Make.Entry("r", after.Epoch, 1, "b"));
        (await journal.OpenAsync("r")).Log.ShouldBe(after.Log);

        // The same for a room that had no event: another one of before may have been lost.
        (await journal.AppendAsync(Make.Entry("unborn", unborn.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Fenced);
        var reopened = await journal.OpenAsync("unborn");
        reopened.Log.ShouldNotBe(unborn.Log);
        reopened.Epoch.ShouldBeGreaterThan(unborn.Epoch + 1000);
        await journal.CommitAsync(Make.Entry("unborn", reopened.Epoch, 0, "a"));
        (await journal.OpenAsync("unborn")).Log.ShouldBe(reopened.Log);

        await EventuallyAsync(() => TryAllAsync(trusting));
        await trusting.CommitAsync(Make.Entry("trusted", trusted.Epoch, 0, "a"));
        (await trusting.OpenAsync("trusted")).Log.ShouldBe(trusted.Log);
    }

    [Fact]
    public async Task A_commit_whose_wait_for_the_standby_is_cancelled_is_unknown()
    {
        var pid = new TaskCompletionSource<int>();
        var journal = await Store.StartAsync(Store.Options with
        {
            RetryAfter = TimeSpan.Zero,
            OnAppend = connection =>
            {
                pid.TrySetResult(connection.ProcessID);
                return Task.CompletedTask;
            },
        });
        var opened = await journal.OpenAsync("r");
        await Server.StopAsync();
        await Server.StartAsync("synchronous_standby_names=nobody");
        await EventuallyAsync(() => TryAllAsync(journal));

        var appending = journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"));
        var backend = await pid.Task;
        await using var connection = new NpgsqlConnection(Store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var cancel = new NpgsqlCommand(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'SyncRep'", connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = backend } },
        };
        await EventuallyAsync(() => cancel.ExecuteScalarAsync());

        var result = await appending;
        result.Status.ShouldBe(AppendStatus.Unknown);
        result.Error!.ShouldContain("synchronous replication");
        (await journal.AllAsync("r")).Mids().ShouldBe(["a"]);
    }

    private static async Task<object?> TryAllAsync(PostgresJournal journal)
    {
        try
        {
            return await journal.AllAsync("r");
        }
        catch (JournalUnavailableException)
        {
            return null;
        }
    }

    private static async Task<T> EventuallyAsync<T>(Func<Task<T?>> attempt)
        where T : class
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
        {
            if (await attempt() is { } result)
                return result;
        }

        throw new TimeoutException("It did not come about.");
    }

    private static async Task WaitForAcksAsync(Writer[] writers, int count) =>
        await Task.WhenAll(writers.Select(writer => writer.AckedAtLeastAsync(count))).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
}
