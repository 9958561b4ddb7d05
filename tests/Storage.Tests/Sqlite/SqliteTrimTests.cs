using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Sqlite;
using ClusterChat.Storage.Tests.Contract;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteTrimTests : TrimContract
{
    private readonly TempFolder _folder = new();

    public override Task InitializeAsync() => Task.CompletedTask;

    public override Task DisposeAsync() => _folder.DeleteAsync();

    [Fact]
    public async Task The_size_is_that_of_the_pages_in_use()
    {
        var journal = await _folder.StartAsync();
        var before = (await journal.MeasureAsync(withSize: true, default)).Size!.Value;
        (await journal.MeasureAsync(withSize: true, default)).Free!.Value.ShouldBeGreaterThan(0);
        var opened = await journal.OpenAsync("r");
        await journal.CommitAsync(new AppendEntry("r", opened.Epoch, 0, [.. Enumerable.Range(1, 200).Select(n => Make.Event(n, $"m{n}", line: new string('x', 10_000)) with { Ts = 0 })]));
        var full = (await journal.MeasureAsync(withSize: true, default)).Size!.Value;
        full.ShouldBeGreaterThan(before + 2_000_000);

        (await TrimAsync(new JournalTrimming { KeepEvents = 1 })).ShouldBe(199);
        (await journal.MeasureAsync(withSize: true, default)).Size!.Value.ShouldBeLessThan(before + 200_000);
        (await journal.MeasureAsync(withSize: false, default)).Size.ShouldBeNull();
    }

    protected override async Task<IJournal> StartAsync() => await _folder.StartAsync();

    internal override async Task<IJournal> StartAsync(JournalTrimming rules) => await _folder.StartAsync(_folder.Options with { Trimming = rules });

    internal override async Task<long> TrimAsync(JournalTrimming rules)
    {
        await using var trimmer = SqliteTrimmedRooms.Trimmer(await _folder.StartAsync(), rules, new ManualClock(Now), NullLogger.Instance);
        return await trimmer.TrimAsync(default);
    }
}
