using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>
/// How a writer gets out of not knowing, whatever the journal: it opens the room again, which settles it.
/// </summary>
public abstract class FaultyJournalContract : IAsyncLifetime
{
    private readonly Queue<JournalFault> _faults = new();
    private FaultyJournal? _journal;

    private FaultyJournal Journal => _journal ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync() => _journal = new FaultyJournal(
        await CreateAsync(), _ => _faults.TryDequeue(out var fault) ? fault : JournalFault.None);

    public abstract Task DisposeAsync();

    protected abstract Task<IJournal> CreateAsync();

    [Fact]
    public async Task An_append_that_was_lost_is_unknown_and_opening_shows_that_it_did_not_happen()
    {
        var old = await Journal.OpenAsync("r");
        _faults.Enqueue(JournalFault.FailBefore);
        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "a", "b"))).Status.ShouldBe(AppendStatus.Unknown);

        var opened = await Journal.OpenAsync("r");
        opened.Head.ShouldBe(0);
        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "a", "b"))).Status.ShouldBe(AppendStatus.Fenced);
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a", "b"));
        (await Journal.AllAsync("r")).Mids().ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task An_append_whose_answer_was_lost_is_unknown_and_opening_shows_it()
    {
        var old = await Journal.OpenAsync("r");
        _faults.Enqueue(JournalFault.FailAfter);
        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "a", "b"))).Status.ShouldBe(AppendStatus.Unknown);

        var opened = await Journal.OpenAsync("r");
        opened.Tail.Mids().ShouldBe(["a", "b"]);
        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 2, "c"))).Status.ShouldBe(AppendStatus.Fenced);
        var resent = await Journal.AppendAsync(Make.Entry("r", opened.Epoch, 2, "a", "b"));
        resent.Status.ShouldBe(AppendStatus.Duplicate);
        resent.Duplicates.Seqs().ShouldBe([1L, 2]);
        (await Journal.AllAsync("r")).Mids().ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task An_append_that_arrives_after_a_newer_open_is_fenced()
    {
        var old = await Journal.OpenAsync("r");
        _faults.Enqueue(JournalFault.Late);
        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "late"))).Status.ShouldBe(AppendStatus.Unknown);
        var opened = await Journal.OpenAsync("r");
        opened.Head.ShouldBe(0);

        await Journal.Held.ShouldHaveSingleItem().ReleaseAsync();

        Journal.Held.ShouldBeEmpty();
        (await Journal.AllAsync("r")).ShouldBeEmpty();
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "late"));
    }

    [Fact]
    public async Task An_append_that_arrives_before_the_next_open_is_in_its_tail()
    {
        var old = await Journal.OpenAsync("r");
        _faults.Enqueue(JournalFault.Late);
        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "late"))).Status.ShouldBe(AppendStatus.Unknown);
        await Journal.Held.ShouldHaveSingleItem().ReleaseAsync();

        (await Journal.OpenAsync("r")).Tail.Mids().ShouldBe(["late"]);
    }

    [Fact]
    public async Task An_open_whose_answer_was_lost_still_fences()
    {
        var old = await Journal.OpenAsync("r");
        _faults.Enqueue(JournalFault.FailAfter);
        await Should.ThrowAsync<JournalUnavailableException>(async () => await Journal.OpenAsync("r"));

        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Fenced);
    }

    [Fact]
    public async Task A_late_open_fences_when_it_arrives()
    {
        _faults.Enqueue(JournalFault.Late);
        await Should.ThrowAsync<JournalUnavailableException>(async () => await Journal.OpenAsync("r"));
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
        await Journal.Held.ShouldHaveSingleItem().ReleaseAsync();

        (await Journal.AppendAsync(Make.Entry("r", opened.Epoch, 1, "b"))).Status.ShouldBe(AppendStatus.Fenced);
        (await Journal.OpenAsync("r")).Tail.Mids().ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_store_that_is_away_throws_or_answers_unknown_and_comes_back()
    {
        var opened = await Journal.OpenAsync("r");
        Journal.IsAway = true;
        await Should.ThrowAsync<JournalUnavailableException>(async () => await Journal.OpenAsync("r"));
        await Should.ThrowAsync<JournalUnavailableException>(async () => await Journal.AllAsync("r"));
        await Should.ThrowAsync<JournalUnavailableException>(async () => await Journal.NamesAsync());
        (await Journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Unknown);

        Journal.IsAway = false;
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
    }
}
