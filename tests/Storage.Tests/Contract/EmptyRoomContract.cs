using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Tests.Contract;

/// <summary>What becomes of rows that versions left which stored each room that was opened, for every adapter that had such versions.</summary>
public abstract class EmptyRoomContract
{
    private static readonly string[] Kept = ["deleted", "opened", "written"];

    /// <summary>A journal that begins with the removal at once, or in ten minutes.</summary>
    internal abstract Task<IJournal> StartAsync(EmptyRoomRules rules);

    /// <summary>A row as such a version made it.</summary>
    protected abstract Task InsertAsync(string room, string log, long epoch, long view);

    protected abstract Task<long> CountRoomsAsync();

    [Fact]
    public async Task Those_of_rooms_that_never_had_an_event_go_in_small_steps_and_all_others_stay()
    {
        var journal = await StartAsync(new EmptyRoomRules());
        for (var i = 0; i < 23; i++)
            await InsertAsync($"r{i}", $"log{i}", epoch: 5, view: 0);
        foreach (var name in Kept)
            await InsertAsync(name, "old-" + name, epoch: 5, view: 0);
        (await journal.OpenAsync("opened")).Log.ShouldBe("old-opened");
        foreach (var name in new[] { "written", "deleted" })
            await journal.CommitAsync(Make.Entry(name, (await journal.OpenAsync(name)).Epoch, 0, "a"));
        await ((IRoomDeletion)journal).DeleteAsync("deleted", default);
        var deleted = await journal.OpenAsync("deleted");

        await RemoveAsync(step: 4);

        (await CountRoomsAsync()).ShouldBe(Kept.Length);
        (await journal.OpenAsync("opened")).Log.ShouldBe("old-opened");
        (await journal.OpenAsync("deleted")).Log.ShouldBe(deleted.Log);
        (await journal.OpenAsync("written")).Tail.Mids().ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_room_whose_row_has_gone_is_opened_under_a_higher_epoch_and_under_no_older_view()
    {
        var journal = await StartAsync(new EmptyRoomRules());
        await InsertAsync("r", "old", epoch: 41, view: 7);
        await RemoveAsync(step: 100);

        (await journal.OpenAsync("r", view: 6, tail: 0, default)).ShouldBeNull();
        var opened = await journal.OpenAsync("r", view: 7);
        opened.Epoch.ShouldBe(42);
        opened.Log.ShouldNotBe("old");
        (await journal.AppendAsync(Make.Entry("r", 41, 0, "late"))).Status.ShouldBe(AppendStatus.Fenced);
        await journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
    }

    [Fact]
    public async Task A_row_that_a_node_of_such_a_version_makes_meanwhile_fences_the_owner_also_where_epoch_and_head_fit()
    {
        var journal = await StartAsync(new EmptyRoomRules());
        var opened = await journal.OpenAsync("r");
        await InsertAsync("r", "theirs", opened.Epoch, view: 0);

        (await journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Fenced);

        var again = await journal.OpenAsync("r");
        again.Log.ShouldBe("theirs");
        again.Epoch.ShouldBeGreaterThan(opened.Epoch);
        await journal.CommitAsync(Make.Entry("r", again.Epoch, 0, "a"));
    }

    private async Task RemoveAsync(int step)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await StartAsync(new EmptyRoomRules { After = TimeSpan.Zero, Pause = TimeSpan.Zero, Step = step, OnDone = done.SetResult });
        await done.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
    }
}
