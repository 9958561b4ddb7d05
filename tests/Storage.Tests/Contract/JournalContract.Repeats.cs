using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Tests.Contract;

public abstract partial class JournalContract
{
    [Fact]
    public async Task A_repeated_write_is_answered_with_the_event_that_exists()
    {
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a", "b", "c"));
        var before = await Journal.AllAsync("r");

        var result = await Journal.AppendAsync(Make.Entry("r", opened.Epoch, 3, "d", "b", "e", "a"));

        result.Status.ShouldBe(AppendStatus.Duplicate);
        result.Duplicates.Mids().ShouldBe(["b", "a"]);
        result.Duplicates.Seqs().ShouldBe([2L, 1]);
        result.Duplicates.Select(e => e.Ts).ShouldBe([before[1].Ts, before[0].Ts]);
        (await Journal.AllAsync("r")).Count.ShouldBe(3);
    }

    [Fact]
    public async Task The_same_mid_of_another_author_or_in_another_room_is_another_write()
    {
        var opened = await Journal.OpenAsync("r");
        await Journal.CommitAsync(new AppendEntry("r", opened.Epoch, 0, [Make.Event(1, "a", "ann"), Make.Event(2, "a", "bob")]));
        await Journal.CommitAsync(new AppendEntry("r", opened.Epoch, 2, [Make.Event(3, "A", "ann"), Make.Event(4, "a", "Ann")]));
        var other = await Journal.OpenAsync("other");
        await Journal.CommitAsync(Make.Entry("other", other.Epoch, 0, "a"));

        var result = await Journal.AppendAsync(new AppendEntry("r", opened.Epoch, 4, [Make.Event(5, "a", "bob")]));
        result.Status.ShouldBe(AppendStatus.Duplicate);
        result.Duplicates.ShouldHaveSingleItem().Seq.ShouldBe(2);
    }

    [Fact]
    public async Task An_old_write_of_a_large_and_trimmed_room_is_still_known()
    {
        var opened = await Journal.OpenAsync("r");
        for (var n = 0; n < 5; n++)
            await Journal.CommitAsync(Make.Run("r", opened.Epoch, n * 1000, 1000));
        await TrimAsync("r", first: 2001);

        var repeated = await Journal.AppendAsync(Make.Entry("r", opened.Epoch, 5000, "m2001"));
        repeated.Status.ShouldBe(AppendStatus.Duplicate);
        repeated.Duplicates.ShouldHaveSingleItem().Seq.ShouldBe(2001);
    }

    [Fact]
    public async Task Fencing_comes_before_the_search_for_repeats()
    {
        var old = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", old.Epoch, 0, "a"));
        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Fenced);
        await Journal.OpenAsync("r");
        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 1, "a"))).Status.ShouldBe(AppendStatus.Fenced);
    }

    [Fact]
    public async Task An_entry_that_repeats_itself_is_rejected()
    {
        var opened = await Journal.OpenAsync("r");
        (await Journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a", "b", "a"))).Status.ShouldBe(AppendStatus.Rejected);
        (await Journal.AllAsync("r")).ShouldBeEmpty();
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a", "b"));
    }

    [Fact]
    public async Task A_write_that_another_activation_stored_is_found()
    {
        var old = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", old.Epoch, 0, "a"));
        var other = await CreateAsync();
        var opened = await other.OpenAsync("r", tail: 0);

        (await other.AppendAsync(Make.Entry("r", opened.Epoch, 1, "a"))).Duplicates.ShouldHaveSingleItem().Seq.ShouldBe(1);
    }
}
