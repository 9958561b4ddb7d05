using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;

namespace ClusterChat.Storage.Tests.Contract;

public sealed class InMemoryJournalTests : JournalContract
{
    private readonly InMemoryJournal _store = new();

    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IJournal> CreateAsync() => Task.FromResult<IJournal>(_store);

    protected override Task TrimAsync(string room, long first)
    {
        _store.Trim(room, first);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Checkers_see_all_that_is_stored()
    {
        var opened = await Journal.OpenAsync("r", view: 3);
        await Journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a", "b"));

        var room = _store.Rooms.ShouldHaveSingleItem();
        (room.Name, room.Log, room.Epoch, room.View, room.Head, room.First).ShouldBe(("r", opened.Log, 1, 3, 2, 1));
        room.Events.Mids().ShouldBe(["a", "b"]);
        _store.Find("s").ShouldBeNull();
    }

    [Fact]
    public void Calls_complete_before_they_return()
    {
        _store.OpenAsync("r", 0, 0, default).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _store.AppendAsync([Make.Entry("r", 1, 0, "a")], default).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _store.ReadAsync("r", Make.All, default).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
    }
}
