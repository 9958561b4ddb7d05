using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>
/// What the port promises, for every adapter to inherit. The parts: opening and fencing here, appending,
/// repeats and reading in the other files.
/// </summary>
public abstract partial class JournalContract : IAsyncLifetime
{
    private IJournal? _journal;

    protected IJournal Journal => _journal ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => _journal = await CreateAsync();

    public abstract Task DisposeAsync();

    /// <summary>
    /// A journal of the test's one store, as a process of its own would have it. Each call gives another one
    /// (where the adapter has such a thing).
    /// </summary>
    protected abstract Task<IJournal> CreateAsync();

    /// <summary>Removes a room's events before one of them, as trimming does.</summary>
    protected abstract Task TrimAsync(string room, long first);

    [Fact]
    public async Task A_new_room_is_empty_and_has_epoch_one()
    {
        var opened = await Journal.OpenAsync("r");

        opened.Epoch.ShouldBe(1);
        opened.Head.ShouldBe(0);
        opened.First.ShouldBe(1);
        opened.Tail.ShouldBeEmpty();
        opened.Log.ShouldNotBeNullOrWhiteSpace();
        Uri.EscapeDataString(opened.Log).ShouldBe(opened.Log);
    }

    [Fact]
    public async Task Each_open_takes_a_higher_epoch_and_keeps_the_log()
    {
        var first = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", first.Epoch, 0, "a"));
        var second = await Journal.OpenAsync("r");

        second.Epoch.ShouldBeGreaterThan(first.Epoch);
        second.Log.ShouldBe(first.Log);
        second.Head.ShouldBe(1);
    }

    [Fact]
    public async Task Rooms_have_different_logs()
    {
        var one = await Journal.OpenAsync("one");
        var two = await Journal.OpenAsync("two");

        two.Log.ShouldNotBe(one.Log);
    }

    [Fact]
    public async Task Stale_epoch_append_is_refused()
    {
        var old = await Journal.OpenAsync("r");
        var current = await Journal.OpenAsync("r");

        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "late"))).Status.ShouldBe(AppendStatus.Fenced);
        await Journal.CommitAsync(Make.Entry("r", current.Epoch, 0, "right"));
        (await Journal.AllAsync("r")).Mids().ShouldBe(["right"]);
    }

    [Fact]
    public async Task An_epoch_that_was_never_given_out_is_refused()
    {
        var opened = await Journal.OpenAsync("r");

        (await Journal.AppendAsync(Make.Entry("r", opened.Epoch + 1, 0, "a"))).Status.ShouldBe(AppendStatus.Fenced);
        (await Journal.AppendAsync(Make.Entry("never opened", 1, 0, "a"))).Status.ShouldBe(AppendStatus.Fenced);
    }

    [Fact]
    public async Task Two_journals_of_one_store_fence_each_other()
    {
        var other = await CreateAsync();
        var mine = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", mine.Epoch, 0, "a"));

        var theirs = await other.OpenAsync("r");
        theirs.Tail.Mids().ShouldBe(["a"]);
        await other.CommitAsync(Make.Entry("r", theirs.Epoch, 1, "b"));
        (await Journal.AppendAsync(Make.Entry("r", mine.Epoch, 1, "c"))).Status.ShouldBe(AppendStatus.Fenced);

        var again = await Journal.OpenAsync("r");
        again.Tail.Mids().ShouldBe(["a", "b"]);
        (await other.AppendAsync(Make.Entry("r", theirs.Epoch, 2, "d"))).Status.ShouldBe(AppendStatus.Fenced);
        await Journal.CommitAsync(Make.Entry("r", again.Epoch, 2, "c"));
        (await other.AllAsync("r")).Mids().ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Concurrent_openers_get_distinct_epochs()
    {
        var other = await CreateAsync();
        var opens = Enumerable.Range(0, 40)
            .Select(i => Task.Run(() => (i % 2 == 0 ? Journal : other).OpenAsync("r")))
            .ToArray();
        var epochs = (await Task.WhenAll(opens)).Select(opened => opened.Epoch).ToArray();

        epochs.Distinct().Count().ShouldBe(epochs.Length);
        epochs.Order().ShouldBe(Enumerable.Range(1, 40).Select(i => (long)i));
    }

    [Fact]
    public async Task Of_two_journals_that_append_at_once_under_one_epoch_one_wins()
    {
        var other = await CreateAsync();
        var opened = await Journal.OpenAsync("r");
        var results = await Task.WhenAll(
            Task.Run(() => Journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "mine"))),
            Task.Run(() => other.AppendAsync(Make.Entry("r", opened.Epoch, 0, "theirs"))));

        results.Select(result => result.Status).Order().ShouldBe([AppendStatus.Committed, AppendStatus.Fenced]);
        (await Journal.AllAsync("r")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_open_under_an_older_view_is_refused_and_changes_nothing()
    {
        var owner = await Journal.OpenAsync("r", view: 7);

        (await Journal.OpenAsync("r", view: 6, tail: 10, default)).ShouldBeNull();
        (await Journal.OpenAsync("r", view: 0, tail: 10, default)).ShouldBeNull();
        await Journal.CommitAsync(Make.Entry("r", owner.Epoch, 0, "a"));

        var same = await Journal.OpenAsync("r", view: 7);
        same.Epoch.ShouldBe(owner.Epoch + 1);
        var newer = await Journal.OpenAsync("r", view: 8);
        newer.Epoch.ShouldBe(owner.Epoch + 2);
        (await Journal.OpenAsync("r", view: 7, tail: 10, default)).ShouldBeNull();
    }

    [Fact]
    public async Task The_tail_is_the_newest_events_in_order()
    {
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Run("r", opened.Epoch, 0, 10));

        (await Journal.OpenAsync("r", tail: 3)).Tail.Seqs().ShouldBe([8L, 9, 10]);
        (await Journal.OpenAsync("r", tail: 0)).Tail.ShouldBeEmpty();
        (await Journal.OpenAsync("r", tail: 100)).Tail.Seqs().ShouldBe(Enumerable.Range(1, 10).Select(i => (long)i));
    }

    [Fact]
    public async Task The_tail_is_no_larger_than_a_room_has_use_for_but_has_an_event()
    {
        var opened = await Journal.OpenAsync("r");
        var line = new string('x', 300_000);
        await Journal.CommitAsync(new AppendEntry("r", opened.Epoch, 0, [.. Enumerable.Range(1, 5).Select(n => Make.Event(n, $"m{n}", line: line))]));
        var again = await Journal.OpenAsync("r");
        again.Head.ShouldBe(5);
        again.Tail.Seqs().ShouldBe([3L, 4, 5]);

        await Journal.CommitAsync(new AppendEntry("r", again.Epoch, 5, [Make.Event(6, "large", line: new string('y', OpenedRoom.MaxTailBytes + 1))]));
        (await Journal.OpenAsync("r")).Tail.Seqs().ShouldBe([6L]);
    }

    [Fact]
    public async Task A_trimmed_room_opens_with_what_is_kept()
    {
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Run("r", opened.Epoch, 0, 10));
        await TrimAsync("r", first: 8);

        var again = await Journal.OpenAsync("r");
        again.First.ShouldBe(8);
        again.Head.ShouldBe(10);
        again.Tail.Seqs().ShouldBe([8L, 9, 10]);

        await TrimAsync("r", first: 11);
        var empty = await Journal.OpenAsync("r");
        empty.First.ShouldBe(11);
        empty.Tail.ShouldBeEmpty();
        await Journal.CommitAsync(Make.Entry("r", empty.Epoch, 10, "next"));
    }

    [Fact]
    public async Task A_name_that_cannot_be_stored_is_an_error_of_the_caller()
    {
        foreach (var room in new[] { "nul\0", "lone \ud83d", "\ude00 turned \ud83d" })
        {
            await Should.ThrowAsync<ArgumentException>(async () => await Journal.OpenAsync(room, 0, 0, default));
            await Should.ThrowAsync<ArgumentException>(async () => await Journal.ReadAsync(room, Make.All, default));
            await Should.ThrowAsync<ArgumentException>(async () => await Journal.ListRoomsAsync(room, "", 1, default));
            (await Journal.AppendAsync(Make.Entry(room, 1, 0, "a"))).Status.ShouldBe(AppendStatus.Rejected);
        }
    }
}
