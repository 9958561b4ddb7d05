using ClusterChat.RoomActors.Journal;
using ClusterChat.TestKit;

namespace ClusterChat.Storage.Tests.Contract;

public sealed class FaultyInMemoryJournalTests : FaultyJournalContract
{
    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IJournal> CreateAsync() => Task.FromResult<IJournal>(new InMemoryJournal());

    [Fact]
    public async Task Delays_and_releases_are_in_the_hands_of_the_test()
    {
        var gates = new List<(JournalCall Call, JournalStage Stage, TaskCompletionSource Gate)>();
        var held = new List<HeldCall>();
        var store = new InMemoryJournal();
        var journal = new FaultyJournal(
            store,
            call => call.Operation == JournalOperation.Append ? JournalFault.Late : JournalFault.None,
            (call, stage, _) =>
            {
                gates.Add((call, stage, new TaskCompletionSource()));
                return new ValueTask(gates[^1].Gate.Task);
            },
            held.Add);

        var opening = journal.OpenAsync("r");
        gates.ShouldHaveSingleItem().Stage.ShouldBe(JournalStage.Request);
        store.EpochOf("r").ShouldBe(0);
        gates[0].Gate.SetResult();
        store.EpochOf("r").ShouldBe(1);
        opening.IsCompleted.ShouldBeFalse();
        gates[1].Gate.SetResult();
        var opened = await opening;

        var appending = journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"));
        gates[2].Gate.SetResult();
        gates[3].Gate.SetResult();
        (await appending).Status.ShouldBe(AppendStatus.Unknown);
        store.Find("r").ShouldBeNull();
        await held.ShouldHaveSingleItem().ReleaseAsync();
        store.Find("r")!.Events.Mids().ShouldBe(["a"]);
        gates.Select(gate => gate.Call.Number).ShouldBe([1L, 1, 2, 2]);
    }
}
