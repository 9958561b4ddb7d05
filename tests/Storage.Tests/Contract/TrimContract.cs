using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>What trimming promises, whatever the store.</summary>
public abstract class TrimContract : IAsyncLifetime
{
    protected static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    /// <summary>A journal of the test's one store that trims nothing by itself.</summary>
    protected abstract Task<IJournal> StartAsync();

    /// <summary>One that does.</summary>
    internal abstract Task<IJournal> StartAsync(JournalTrimming rules);

    /// <summary>Trims once, at <see cref="Now"/>.</summary>
    internal abstract Task<long> TrimAsync(JournalTrimming rules);

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
    public async Task By_size_as_many_of_the_newest_stay_as_fit()
    {
        var journal = await WriteAsync("r", count: 2000, age: TimeSpan.FromHours(1), n => new string('x', n % 2 == 0 ? 50 : 150));
        await WriteAsync("small", count: 20, age: TimeSpan.FromHours(1), _ => new string('x', 100));

        (await TrimAsync(new JournalTrimming { MaxRoomBytes = 60_000 })).ShouldBeInRange(1300, 1500);

        var kept = await journal.AllAsync("r");
        kept[^1].Seq.ShouldBe(2000);
        kept.Sum(e => e.Line.Length).ShouldBeInRange(50_000, 70_000);
        (await journal.AllAsync("small")).Count.ShouldBe(20);
        (await TrimAsync(new JournalTrimming { MaxRoomBytes = 2_000 })).ShouldBeGreaterThan(400);
        (await journal.AllAsync("small")).Count.ShouldBe(20, "which are all looked at");
        (await TrimAsync(new JournalTrimming { MaxRoomBytes = 1 })).ShouldBeGreaterThan(0);
        (await journal.AllAsync("small")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_newest_ten_minutes_stay_whatever_the_rules()
    {
        var journal = await WriteAsync("r", count: 20, age: TimeSpan.FromMinutes(9));
        await WriteAsync("s", count: 20, age: TimeSpan.FromMinutes(11));

        (await TrimAsync(new JournalTrimming { KeepEvents = 1, KeepFor = TimeSpan.FromSeconds(1), MaxRoomBytes = 1 })).ShouldBe(20);

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
        var journal = await StartAsync(new JournalTrimming { KeepEvents = 1, Interval = TimeSpan.FromMilliseconds(1), OnRound = count => trimmed.TrySetResult(count) });

        (await trimmed.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System)).ShouldBe(9);
        (await journal.AllAsync("r")).Count.ShouldBe(1);
    }

    private async Task<IJournal> WriteAsync(string room, int count, TimeSpan age, Func<int, string>? line = null)
    {
        var journal = await StartAsync();
        var opened = await journal.OpenAsync(room);
        var ts = (Now - age).ToUnixTimeMilliseconds();
        await journal.CommitAsync(new AppendEntry(
            room, opened.Epoch, 0, [.. Enumerable.Range(1, count).Select(n => Make.Event(n, $"m{n}", line: line?.Invoke(n)) with { Ts = ts })]));
        return journal;
    }
}
