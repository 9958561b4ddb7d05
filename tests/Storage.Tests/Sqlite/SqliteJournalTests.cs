using System.Globalization;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteJournalTests : JournalContract
{
    private readonly TempFolder _folder = new();

    public override async Task DisposeAsync() => await _folder.DeleteAsync();

    protected override async Task<IJournal> CreateAsync() => await _folder.StartAsync();

    protected override Task TrimAsync(string room, long first) => TempFolder.ExecuteAsync(
        _folder.JournalFile,
        string.Create(CultureInfo.InvariantCulture, $"""
            BEGIN IMMEDIATE;
            DELETE FROM event WHERE room_id = (SELECT id FROM room WHERE name = '{room}') AND seq < {first};
            UPDATE room SET "first" = {first} WHERE name = '{room}';
            COMMIT;
            """));

    [Fact]
    public async Task Logs_are_random_and_url_safe()
    {
        var logs = new HashSet<string>();
        for (var i = 0; i < 50; i++)
            logs.Add((await Journal.OpenAsync($"r{i}")).Log);

        logs.Count.ShouldBe(50);
        logs.ShouldAllBe(log => log.Length == 12 && log.All(c => char.IsAsciiLetterOrDigit(c) || c == '-' || c == '_'));
    }
}
