using System.Globalization;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;
using Npgsql;

namespace ClusterChat.Storage.Tests.Postgres;

/// <summary>What the adapter makes of a server that says no, of other nodes, and of rows that are held.</summary>
public sealed class PostgresFaultTests : PostgresTest
{
    [Fact]
    public async Task A_warm_up_leaves_no_trace()
    {
        var journal = await Store.StartAsync();
        await journal.CommitAsync(Make.Entry("r", (await journal.OpenAsync("r")).Epoch, 0, "a"));
        var unborn = await journal.OpenAsync("unborn");

        await journal.WarmUpAsync(default);

        await Store.ExecuteAsync("""
            DO $$ BEGIN
                IF (SELECT count(*) FROM room) <> 1 OR (SELECT count(*) FROM event) <> 1 OR (SELECT count(*) FROM unborn) <> 2 THEN RAISE EXCEPTION 'a trace'; END IF;
            END $$
            """);
        await journal.CommitAsync(Make.Entry("unborn", unborn.Epoch, 0, "a"));
    }

    [Fact]
    public async Task A_row_that_the_server_refuses_is_rejected_alone()
    {
        var journal = await Store.StartAsync();
        await Store.ExecuteAsync("""
            CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'poisoned'; END $$;
            CREATE TRIGGER poison BEFORE INSERT ON event FOR EACH ROW WHEN (NEW.mid = 'poison') EXECUTE FUNCTION poison();
            """);
        var batch = new List<AppendEntry>();
        for (var i = 0; i < 20; i++)
        {
            var opened = await journal.OpenAsync($"r{i}");
            batch.Add(Make.Entry($"r{i}", opened.Epoch, 0, "a", i is 3 or 17 ? "poison" : "b"));
        }

        var results = await journal.AppendAsync(batch, default);

        for (var i = 0; i < 20; i++)
        {
            results[i].Status.ShouldBe(i is 3 or 17 ? AppendStatus.Rejected : AppendStatus.Committed);
            (await journal.AllAsync($"r{i}")).Count.ShouldBe(i is 3 or 17 ? 0 : 2);
        }

        (await Store.ScalarAsync("SELECT count(*) FROM room")).ShouldBe(18, "what is refused stores no room");

        results[3].Error!.ShouldContain("poisoned");
        await journal.CommitAsync(Make.Entry("r3", batch[3].Epoch, 0, "a"));
    }

    [Fact]
    public async Task A_mid_that_is_too_long_for_the_index_is_rejected_alone()
    {
        var journal = await Store.StartAsync();
        var good = await journal.OpenAsync("good");
        var bad = await journal.OpenAsync("bad");
        var random = new Random(1);
        var tooLong = string.Concat(Enumerable.Range(0, 5000).Select(_ => (char)random.Next('a', 'z')));

        var results = await journal.AppendAsync(
            [Make.Entry("bad", bad.Epoch, 0, tooLong), Make.Entry("good", good.Epoch, 0, "a")], default);

        results.Select(result => result.Status).ShouldBe([AppendStatus.Rejected, AppendStatus.Committed]);
    }

    [Fact]
    public async Task A_row_that_somebody_holds_makes_its_room_unknown_in_bounded_time_and_no_other()
    {
        var journal = await Store.StartAsync(Store.Options with { LockTimeout = TimeSpan.FromMilliseconds(50) });
        var held = await journal.OpenAsync("held");
        await journal.CommitAsync(Make.Entry("held", held.Epoch, 0, "first"));
        var free = await journal.OpenAsync("free");
        await using (var other = new NpgsqlConnection(Store.Options.ConnectionString))
        {
            await other.OpenAsync();
            await using var transaction = await other.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("SELECT 1 FROM room WHERE name = 'held' FOR UPDATE", other, transaction);
            await hold.ExecuteScalarAsync();

            var results = await journal.AppendAsync(
                [Make.Entry("held", held.Epoch, 1, "a"), Make.Entry("free", free.Epoch, 0, "a")], default);
            results.Select(result => result.Status).ShouldBe([AppendStatus.Unknown, AppendStatus.Committed]);
            (await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("held"))).Message.ShouldContain("55P03");

            // Readers do not care.
            (await journal.AllAsync("held")).Count.ShouldBe(1);
        }

        await journal.CommitAsync(Make.Entry("held", held.Epoch, 1, "a"));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_unknown_and_opening_settles_it()
    {
        var gate = new TaskCompletionSource();
        var journal = await Store.StartAsync(Store.Options with { OperationTimeout = TimeSpan.FromMilliseconds(50), OnAppend = _ => gate.Task });
        var patient = await Store.StartAsync();
        var old = await patient.OpenAsync("r");

        (await journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Unknown);
        var opened = await patient.OpenAsync("r");
        opened.Head.ShouldBe(0);
        gate.SetResult();
        await journal.DisposeAsync();

        // It ran to its end behind the open, and was fenced.
        (await patient.AllAsync("r")).ShouldBeEmpty();
        await patient.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
    }

    [Fact]
    public async Task A_session_that_is_ended_by_an_administrator_makes_its_append_unknown_and_the_next_one_works()
    {
        var kill = true;
        var journal = await Store.StartAsync(Store.Options with
        {
            OnAppend = connection => kill ? Store.ExecuteAsync($"SELECT pg_terminate_backend({connection.ProcessID}, 10000)") : Task.CompletedTask,
        });
        var opened = await journal.OpenAsync("r");

        (await journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Unknown);
        kill = false;
        await journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once()
    {
        var gate = new TaskCompletionSource();
        var journal = await Store.StartAsync(Store.Options with { AppendConnections = 1, Queued = 1, OnAppend = _ => gate.Task });
        var opened = await journal.OpenAsync("r");
        var first = journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"));
        var second = journal.AppendAsync(Make.Entry("r", opened.Epoch, 1, "b"));

        (await journal.AppendAsync(Make.Entry("r", opened.Epoch, 2, "c"))).Error!.ShouldContain("queue is full");
        gate.SetResult();
        (await first).Status.ShouldBe(AppendStatus.Committed);
        (await second).Status.ShouldBe(AppendStatus.Committed);
    }

    [Fact]
    public async Task Two_nodes_with_overlapping_batches_never_deadlock_and_never_lose_an_event()
    {
        const int Rooms = 20;
        const int Rounds = 60;
        var one = await Store.StartAsync();
        var two = await Store.StartAsync();
        var epochs = new long[Rooms];
        for (var i = 0; i < Rooms; i++)
            epochs[i] = (await one.OpenAsync(Name(i))).Epoch;
        var heads = new long[Rooms];
        var before = await DeadlocksAsync();

        // Both believe to own all rooms, under the same epoch: each head is won by one of them.
        var committed = await Task.WhenAll(Task.Run(() => WriteAsync(one, "one", 1)), Task.Run(() => WriteAsync(two, "two", 2)));

        (await DeadlocksAsync()).ShouldBe(before);
        committed.Sum(count => (long)count).ShouldBe(heads.Sum());
        committed.ShouldAllBe(count => count > 0);
        for (var i = 0; i < Rooms; i++)
            (await one.AllAsync(Name(i))).Seqs().ShouldBe(Enumerable.Range(1, (int)heads[i]).Select(n => (long)n));

        async Task<int> WriteAsync(PostgresJournal journal, string author, int seed)
        {
            var random = new Random(seed);
            var count = 0;
            for (var round = 0; round < Rounds; round++)
            {
                var rooms = Enumerable.Range(0, Rooms).OrderBy(_ => random.Next()).Take(12).ToArray();
                var batch = rooms.Select(i =>
                {
                    var head = Interlocked.Read(ref heads[i]);
                    return new AppendEntry(Name(i), epochs[i], head, [Make.Event(head + 1, $"m{round}", author)]);
                }).ToArray();
                var results = await journal.AppendAsync(batch, default);
                for (var n = 0; n < rooms.Length; n++)
                {
                    results[n].Status.ShouldBeOneOf(AppendStatus.Committed, AppendStatus.Fenced);
                    if (results[n].Status != AppendStatus.Committed)
                        continue;
                    Interlocked.Increment(ref heads[rooms[n]]);
                    count++;
                }
            }

            return count;
        }

        static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"r{i}");
    }

    [Fact]
    public async Task A_row_that_repeats_itself_stands_alone()
    {
        var journal = await Store.StartAsync();
        var one = await journal.OpenAsync("one");
        var two = await journal.OpenAsync("two");

        var results = await journal.AppendAsync(
            [Make.Entry("one", one.Epoch, 0, "a", "a"), Make.Entry("two", two.Epoch, 0, "a")], default);

        results.Select(result => result.Status).ShouldBe([AppendStatus.Rejected, AppendStatus.Committed]);
    }

    private async Task<long> DeadlocksAsync()
    {
        await using var connection = new NpgsqlConnection(Store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
