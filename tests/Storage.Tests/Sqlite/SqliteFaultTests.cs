using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Sqlite;
using ClusterChat.Storage.Tests.Contract;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClusterChat.Storage.Tests.Sqlite;

/// <summary>What the adapter says when SQLite or the disk says no.</summary>
public sealed class SqliteFaultTests : SqliteTest
{
    private SqliteConnection? _session;

    [Fact]
    public async Task A_failed_commit_makes_every_part_unknown_and_the_next_one_works()
    {
        var journal = await StartWatchedAsync();
        var one = await journal.OpenAsync("one");
        var two = await journal.OpenAsync("two");
        raw.sqlite3_commit_hook(_session!.Handle, _ => 1, null);

        var results = await journal.AppendAsync([Make.Entry("one", one.Epoch, 0, "a"), Make.Entry("two", two.Epoch, 0, "a")], default);
        results.ShouldAllBe(result => result.Status == AppendStatus.Unknown && result.Error != null);

        // A new session, without the hook.
        await journal.CommitAsync(Make.Entry("one", one.Epoch, 0, "a"));
        (await journal.AllAsync("two")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failed_commit_makes_an_open_unavailable()
    {
        var journal = await StartWatchedAsync();
        raw.sqlite3_commit_hook(_session!.Handle, _ => 1, null);

        await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("r"));
        (await journal.OpenAsync("r")).Epoch.ShouldBe(1);
    }

    [Fact]
    public async Task A_full_disk_is_unknown_and_passes()
    {
        var journal = await StartWatchedAsync();
        var one = await journal.OpenAsync("one");
        var two = await journal.OpenAsync("two");
        Run(_session!, "PRAGMA max_page_count = 1");

        var results = await journal.AppendAsync(
            [Make.Entry("one", one.Epoch, 0, "a"), new AppendEntry("two", two.Epoch, 0, [Make.Event(1, "a", line: new string('x', 100_000))])],
            default);
        results.ShouldAllBe(result => result.Status == AppendStatus.Unknown && result.Error!.Contains("the disk is full"));

        await journal.CommitAsync(Make.Entry("one", one.Epoch, 0, "a"));
        (await journal.AllAsync("two")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_database_that_cannot_be_written_is_unknown()
    {
        var journal = await StartWatchedAsync();
        var opened = await journal.OpenAsync("r");
        Run(_session!, "PRAGMA query_only = ON");

        var result = await journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"));
        (result.Status, result.Error!.Contains("cannot be written")).ShouldBe((AppendStatus.Unknown, true), result.Error);
    }

    [Fact]
    public async Task A_row_that_the_database_refuses_is_rejected_alone()
    {
        var journal = await Folder.StartAsync();
        await TempFolder.ExecuteAsync(
            Folder.JournalFile,
            "CREATE TRIGGER poison BEFORE INSERT ON event WHEN NEW.mid = 'poison' BEGIN SELECT RAISE(ABORT, 'poisoned'); END");
        var good = await journal.OpenAsync("good");
        var bad = await journal.OpenAsync("bad");

        var results = await journal.AppendAsync(
            [Make.Entry("bad", bad.Epoch, 0, "a", "poison"), Make.Entry("good", good.Epoch, 0, "a")], default);

        results.Select(result => result.Status).ShouldBe([AppendStatus.Rejected, AppendStatus.Committed]);
        results[0].Error!.ShouldContain("poisoned");
        (await journal.AllAsync("bad")).ShouldBeEmpty();
        await journal.CommitAsync(Make.Entry("bad", bad.Epoch, 0, "a"));
    }

    [Fact]
    public async Task A_refused_part_takes_nothing_from_those_before_and_behind_it()
    {
        var journal = await Folder.StartAsync();
        var rooms = new List<OpenedRoom>();
        for (var i = 0; i < 5; i++)
            rooms.Add(await journal.OpenAsync($"r{i}"));
        await journal.CommitAsync(Make.Entry("r2", rooms[2].Epoch, 0, "a"));
        await journal.CommitAsync(Make.Entry("r3", rooms[3].Epoch, 0, "a"));

        var results = await journal.AppendAsync(
            [
                Make.Entry("r0", rooms[0].Epoch, 0, "a", "b"),
                Make.Entry("r1", rooms[1].Epoch + 1, 0, "a"),
                Make.Entry("r2", rooms[2].Epoch, 1, "b", "a"),
                Make.Entry("r3", rooms[3].Epoch, 1, "b", "b"),
                Make.Entry("r4", rooms[4].Epoch, 0, "a"),
            ],
            default);

        results.Select(result => result.Status).ShouldBe(
            [AppendStatus.Committed, AppendStatus.Fenced, AppendStatus.Duplicate, AppendStatus.Rejected, AppendStatus.Committed]);
        results[2].Duplicates.ShouldHaveSingleItem().Seq.ShouldBe(1);
        (await journal.AllAsync("r0")).Mids().ShouldBe(["a", "b"]);
        foreach (var room in new[] { "r2", "r3", "r4" })
            (await journal.AllAsync(room)).Mids().ShouldBe(["a"]);
        await journal.CommitAsync(Make.Entry("r2", rooms[2].Epoch, 1, "b"));
    }

    [Fact]
    public async Task A_database_file_that_was_moved_is_noticed_and_is_used_again_when_it_is_back()
    {
        var journal = await Folder.StartAsync();
        var opened = await journal.OpenAsync("r");
        await journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
        File.Move(Folder.JournalFile, Folder.JournalFile + ".away");

        (await journal.AppendAsync(Make.Entry("r", opened.Epoch, 1, "b"))).Status.ShouldBe(AppendStatus.Unknown);
        await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("r"));
        await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.AllAsync("r"));
        File.Exists(Folder.JournalFile).ShouldBeFalse();

        File.Move(Folder.JournalFile + ".away", Folder.JournalFile);
        (await journal.AllAsync("r")).Mids().ShouldBe(["a"]);
        await journal.CommitAsync(Make.Entry("r", opened.Epoch, 1, "b"));
    }

    [Fact]
    public async Task A_database_file_that_was_replaced_is_noticed()
    {
        var journal = await Folder.StartAsync();
        var opened = await journal.OpenAsync("r");
        File.Copy(Folder.JournalFile, Folder.JournalFile + ".copy");
        File.Move(Folder.JournalFile + ".copy", Folder.JournalFile, overwrite: true);

        (await journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Unknown);
    }

    [Fact]
    public async Task Another_process_that_keeps_the_lock_makes_it_unknown_after_the_busy_timeout()
    {
        var journal = await Folder.StartAsync(Folder.Options with { BusyTimeout = TimeSpan.FromMilliseconds(20) });
        var opened = await journal.OpenAsync("r");
        await using (var other = TempFolder.Connect(Folder.JournalFile))
        {
            Run(other, "BEGIN IMMEDIATE");
            (await journal.AppendAsync(Make.Entry("r", opened.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Unknown);
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("r"));
            // Readers do not care.
            (await journal.AllAsync("r")).ShouldBeEmpty();
            Run(other, "ROLLBACK");
        }

        await journal.CommitAsync(Make.Entry("r", opened.Epoch, 0, "a"));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_unknown_and_opening_settles_it()
    {
        var journal = await Folder.StartAsync(Folder.Options with { OperationTimeout = TimeSpan.FromMilliseconds(50) });
        var patient = await Folder.StartAsync();
        var old = await patient.OpenAsync("r");
        await using (var other = TempFolder.Connect(Folder.JournalFile))
        {
            Run(other, "BEGIN IMMEDIATE");
            (await journal.AppendAsync(Make.Entry("r", old.Epoch, 0, "a"))).Status.ShouldBe(AppendStatus.Unknown);
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("r"));
            Run(other, "ROLLBACK");
        }

        var opened = await patient.OpenAsync("r");
        var resent = await patient.AppendAsync(Make.Entry("r", opened.Epoch, opened.Head, "a"));
        resent.Status.ShouldBe(opened.Head == 1 ? AppendStatus.Duplicate : AppendStatus.Committed);
        (await patient.AllAsync("r")).Mids().ShouldBe(["a"]);
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private Task<SqliteJournal> StartWatchedAsync() => Folder.StartAsync(Folder.Options with { OnSession = session => _session = session });
}
