using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Postgres;
using ClusterChat.Storage.Tests.Contract;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Tests.Postgres;

public sealed class PostgresTrimTests : PostgresTest
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task By_number_the_newest_stay()
    {
        var journal = await WriteAsync("r", count: 50, age: TimeSpan.FromHours(1));

        (await TrimAsync(new JournalTrimming { KeepEvents = 8 })).ShouldBe(42);

        var opened = await journal.OpenAsync("r");
        (opened.First, opened.Head).ShouldBe((43, 50));
        opened.Tail.Seqs().ShouldBe(Enumerable.Range(43, 8).Select(n => (long)n));
        (await journal.AllAsync("r")).Count.ShouldBe(8);
        (await TrimAsync(new JournalTrimming { KeepEvents = 8 })).ShouldBe(0);
        await journal.CommitAsync(Make.Entry("r", opened.Epoch, 50, "next"));
    }

    [Fact]
    public async Task By_age_the_younger_stay()
    {
        var journal = await WriteAsync("old", count: 3, age: TimeSpan.FromHours(3));
        await WriteAsync("young", count: 3, age: TimeSpan.FromHours(1));

        (await TrimAsync(new JournalTrimming { KeepFor = TimeSpan.FromHours(2) })).ShouldBe(3);

        var old = await journal.OpenAsync("old");
        (old.First, old.Head).ShouldBe((4, 3));
        (await journal.AllAsync("young")).Count.ShouldBe(3);
    }

    [Fact]
    public async Task The_newest_ten_minutes_stay_whatever_the_rules()
    {
        var journal = await WriteAsync("r", count: 20, age: TimeSpan.FromMinutes(9));
        await WriteAsync("s", count: 20, age: TimeSpan.FromMinutes(11));

        (await TrimAsync(new JournalTrimming { KeepEvents = 1, KeepFor = TimeSpan.FromSeconds(1) })).ShouldBe(20);

        (await journal.AllAsync("r")).Count.ShouldBe(20);
        (await journal.AllAsync("s")).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_goes_in_small_batches_over_many_rooms_while_two_nodes_do_the_same()
    {
        var journal = await WriteAsync("r0", count: 25, age: TimeSpan.FromHours(1));
        for (var i = 1; i < 12; i++)
            await WriteAsync($"r{i}", count: 25, age: TimeSpan.FromHours(1));
        var rules = new JournalTrimming { KeepEvents = 5, BatchEvents = 7 };

        var trimmed = await Task.WhenAll(TrimAsync(rules), TrimAsync(rules));
        var rest = await TrimAsync(rules);

        (trimmed.Sum() + rest).ShouldBe(12 * 20);
        for (var i = 0; i < 12; i++)
            (await journal.OpenAsync($"r{i}")).First.ShouldBe(21);
    }

    [Fact]
    public async Task A_started_journal_does_it_by_itself()
    {
        await WriteAsync("r", count: 10, age: TimeSpan.FromHours(1));
        var trimmed = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var journal = await Store.StartAsync(Store.Options with
        {
            Trimming = new JournalTrimming { KeepEvents = 1, Interval = TimeSpan.FromMilliseconds(1), OnRound = count => trimmed.TrySetResult(count) },
        });

        (await trimmed.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System)).ShouldBe(9);
        (await journal.AllAsync("r")).Count.ShouldBe(1);
    }

    private async Task<PostgresJournal> WriteAsync(string room, int count, TimeSpan age)
    {
        var journal = await Store.StartAsync();
        var opened = await journal.OpenAsync(room);
        var ts = (Now - age).ToUnixTimeMilliseconds();
        await journal.CommitAsync(new AppendEntry(
            room, opened.Epoch, 0, [.. Enumerable.Range(1, count).Select(n => Make.Event(n, $"m{n}") with { Ts = ts })]));
        return journal;
    }

    private async Task<long> TrimAsync(JournalTrimming rules)
    {
        await using var source = PostgresDatabase.Create(Store.Options, "test");
        await using var trimmer = new PostgresTrimmer(source, rules, new ManualClock(Now), NullLogger.Instance);
        return await trimmer.TrimAsync(default);
    }
}
