using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>What <see cref="IRoomDeletion"/> promises, for every adapter to inherit.</summary>
public abstract class RoomDeletionContract : IAsyncLifetime
{
    private IJournal? _journal;

    private IJournal Journal => _journal ?? throw new InvalidOperationException("Not started.");

    private IRoomDeletion Deletion => (IRoomDeletion)Journal;

    public async Task InitializeAsync() => _journal = await CreateAsync();

    public abstract Task DisposeAsync();

    protected abstract Task<IJournal> CreateAsync();

    [Fact]
    public async Task A_deleted_room_is_empty_under_a_new_log_and_another_room_is_as_it_was()
    {
        var old = await Journal.OpenAsync("r");
        var other = await Journal.OpenAsync("other");
        await Journal.CommitAsync(Make.Entry("r", old.Epoch, 0, "a", "b"));
        await Journal.CommitAsync(Make.Entry("other", other.Epoch, 0, "a"));

        (await Deletion.DeleteAsync("r", default)).ShouldNotBeNull().ShouldBeGreaterThan(old.Epoch);

        (await Journal.AllAsync("r")).ShouldBeEmpty();
        (await Journal.NamesAsync()).ShouldBe(["other"]);
        var opened = await Journal.OpenAsync("r");
        opened.Log.ShouldNotBe(old.Log);
        opened.Head.ShouldBe(0);
        opened.First.ShouldBe(1);
        opened.Tail.ShouldBeEmpty();
        (await Journal.AllAsync("other")).Mids().ShouldBe(["a"]);
        (await Journal.OpenAsync("other")).Log.ShouldBe(other.Log);
    }

    [Fact]
    public async Task An_append_of_before_is_fenced_also_where_the_head_would_fit()
    {
        await BearAsync("r");
        (await Deletion.DeleteAsync("r", default)).ShouldNotBeNull();
        var old = await Journal.OpenAsync("r");

        var epoch = (await Deletion.DeleteAsync("r", default)).ShouldNotBeNull();

        (await Journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "late"))).Status.ShouldBe(AppendStatus.Fenced);
        var opened = await Journal.OpenAsync("r");
        opened.Epoch.ShouldBeGreaterThan(epoch);
        opened.Head.ShouldBe(0);
    }

    [Fact]
    public async Task A_write_of_before_may_be_written_again()
    {
        var old = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", old.Epoch, 0, "a"));
        await Deletion.DeleteAsync("r", default);
        var opened = await Journal.OpenAsync("r");

        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));

        (await Journal.AllAsync("r")).Seqs().ShouldBe([1L]);
    }

    [Fact]
    public async Task A_room_without_an_event_cannot_be_deleted_and_its_owner_is_not_disturbed()
    {
        (await Deletion.DeleteAsync("r", default)).ShouldBeNull();
        var opened = await Journal.OpenAsync("r");
        opened.Epoch.ShouldBe(1);
        (await Deletion.DeleteAsync("r", default)).ShouldBeNull();

        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
        (await Journal.OpenAsync("r")).Log.ShouldBe(opened.Log);
    }

    [Fact]
    public async Task A_log_never_comes_back_and_no_owner_of_before_the_birth_writes_after_a_deletion()
    {
        var late = await Journal.OpenAsync("r");
        var unborn = await Journal.OpenAsync("r");
        await Journal.CommitAsync(Make.Entry("r", unborn.Epoch, 0, "a"));
        await Deletion.DeleteAsync("r", default);

        foreach (var owner in new[] { late, unborn })
            (await Journal.AppendAsync(Make.Entry("r", owner.Epoch, 0, "late"))).Status.ShouldBe(AppendStatus.Fenced);
        var after = await Journal.OpenAsync("r");
        after.Log.ShouldNotBe(unborn.Log);
        after.Epoch.ShouldBeGreaterThan(unborn.Epoch);
        await Journal.CommitAsync(Make.Entry("r", after.Epoch, 0, "b"));
        (await Journal.OpenAsync("r")).Log.ShouldBe(after.Log);
        (await Journal.AllAsync("r")).Mids().ShouldBe(["b"]);
    }

    [Fact]
    public async Task Deleting_twice_begins_another_log_each_time()
    {
        var first = await BearAsync("r");
        await Deletion.DeleteAsync("r", default);
        var second = await Journal.OpenAsync("r");
        await Deletion.DeleteAsync("r", default);
        var third = await Journal.OpenAsync("r");
        new[] { first.Log, second.Log, third.Log }.ShouldBeUnique();
    }

    [Fact]
    public async Task Deletions_and_appends_at_once_leave_a_log_without_holes()
    {
        await BearAsync("r");
        await Deletion.DeleteAsync("r", default);
        var opened = await Journal.OpenAsync("r");
        for (var round = 0; round < 20; round++)
        {
            var append = Journal.AppendAsync(Make.Entry("r", opened.Epoch, opened.Head, $"m{round}"));
            var delete = Deletion.DeleteAsync("r", default).AsTask();
            await Task.WhenAll(append, delete);
            opened = await Journal.OpenAsync("r");
            opened.Head.ShouldBe(0, "whichever came first, the deletion has it or fences it");
            (await Journal.AllAsync("r")).ShouldBeEmpty();
        }
    }

    private async Task<OpenedRoom> BearAsync(string room)
    {
        var opened = await Journal.OpenAsync(room);
        await Journal.CommitAsync(Make.Entry(room, opened.Epoch, opened.Head, "first"));
        return opened;
    }
}
