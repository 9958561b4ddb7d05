using ClusterChat.Cluster.Abuse;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>What <see cref="IMessageAudit"/> promises, for every adapter to inherit.</summary>
public abstract class MessageAuditContract : IAsyncLifetime
{
    private const int Many = 1_000;
    private IMessageAudit? _audit;

    protected IMessageAudit Audit => _audit ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => _audit = await CreateAsync();

    public abstract Task DisposeAsync();

    /// <summary>The test's one audit, as a process of its own would see it; each call gives another way to it.</summary>
    protected abstract Task<IMessageAudit> CreateAsync();

    [Fact]
    public async Task An_entry_is_there_with_all_it_has()
    {
        var entry = new AuditedMessage("röom:日本", long.MaxValue, "m%_'\U0001F600", "g:a'b\\c\"d", "", "2001:db8::1", long.MaxValue, true);
        await Audit.AddAsync([entry], default);

        var found = (await (await CreateAsync()).OfMessageAsync(entry.Room, entry.Seq, long.MaxValue, Many, default)).ShouldHaveSingleItem();
        found.Id.ShouldBeGreaterThan(0);
        (found with { Id = 0 }).ShouldBe(entry);
    }

    [Fact]
    public async Task A_message_is_found_by_room_and_number_the_newest_entry_first()
    {
        await Audit.AddAsync([Of("a", 1, "ann"), Of("a", 2, "bob"), Of("b", 1, "cy")], default);
        await Audit.AddAsync([Of("a", 1, "ann") with { IsRepeat = true }], default);

        (await Audit.OfMessageAsync("a", 1, long.MaxValue, Many, default)).Select(e => (e.User, e.IsRepeat)).ShouldBe([("ann", true), ("ann", false)]);
        (await Audit.OfMessageAsync("A", 1, long.MaxValue, Many, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_user_sent_comes_in_pages_each_entry_once()
    {
        await Audit.AddAsync([.. Enumerable.Range(1, 25).Select(i => Of("r", i, i % 5 == 0 ? "other" : "ann"))], default);
        var seen = new List<long>();
        for (var before = long.MaxValue; ;)
        {
            var page = await Audit.OfUserAsync("ann", before, 7, default);
            seen.AddRange(page.Select(e => e.Seq));
            if (page.Count < 7)
                break;
            before = page[^1].Id;
        }

        seen.ShouldBe(Enumerable.Range(1, 25).Where(i => i % 5 != 0).Select(i => (long)i).Reverse());
    }

    [Fact]
    public async Task The_oldest_are_forgotten_so_many_at_once_and_later_ones_stay()
    {
        await Audit.AddAsync([.. Enumerable.Range(1, 10).Select(i => Of("r", i, "ann") with { At = i })], default);

        (await Audit.ForgetAsync(8, 5, default)).ShouldBe(5);
        (await Audit.OfUserAsync("ann", long.MaxValue, Many, default)).Select(e => e.At).ShouldBe([10L, 9, 8, 7, 6]);
        (await Audit.ForgetAsync(8, 5, default)).ShouldBe(2);
        (await Audit.ForgetAsync(8, 5, default)).ShouldBe(0);
        (await Audit.OfUserAsync("ann", long.MaxValue, Many, default)).Select(e => e.At).ShouldBe([10L, 9, 8]);
    }

    [Fact]
    public async Task A_number_of_an_entry_is_not_given_twice()
    {
        await Audit.AddAsync([Of("r", 1, "ann")], default);
        var first = (await Audit.OfUserAsync("ann", long.MaxValue, Many, default)).Single().Id;
        await Audit.ForgetAsync(long.MaxValue, Many, default);
        await Audit.AddAsync([Of("r", 2, "ann")], default);
        (await Audit.OfUserAsync("ann", long.MaxValue, Many, default)).Single().Id.ShouldBeGreaterThan(first);
    }

    private static AuditedMessage Of(string room, long seq, string user) => new(room, seq, $"m{seq}", user, "s", "203.0.113.7", 1, false);
}
