using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Sqlite;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

public sealed class SqliteFileTests : SqliteTest
{
    [Fact]
    public async Task Reopening_keeps_everything()
    {
        var journal = await Folder.StartAsync();
        var opened = await journal.OpenAsync("r", view: 5);
        await journal.CommitAsync(Make.Run("r", opened.Epoch, 0, 50));
        var before = (await journal.AllAsync("r")).Select(Make.Show).ToArray();
        await journal.DisposeAsync();

        // The last one out moved the log into the database.
        File.Exists(Folder.JournalFile + "-wal").ShouldBeFalse();
        var again = await Folder.StartAsync();
        (await again.OpenAsync("r", view: 4, tail: 0, default)).ShouldBeNull();
        var reopened = await again.OpenAsync("r", view: 5);
        (reopened.Epoch, reopened.Log, reopened.Head).ShouldBe((opened.Epoch + 1, opened.Log, 50));
        (await again.AllAsync("r")).Select(Make.Show).ShouldBe(before);
        (await again.AppendAsync(Make.Entry("r", opened.Epoch, 50, "x"))).Status.ShouldBe(AppendStatus.Fenced);
    }

    [Fact]
    public async Task Several_journals_may_create_the_schema_at_once()
    {
        var journals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Folder.StartAsync())));

        for (var i = 0; i < journals.Length; i++)
            (await journals[i].OpenAsync("r")).Epoch.ShouldBe(i + 1);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        await (await Folder.StartAsync()).DisposeAsync();
        await TempFolder.ExecuteAsync(Folder.JournalFile, "PRAGMA user_version = 999");

        var e = await Should.ThrowAsync<StorageStartException>(() => Folder.StartAsync());
        e.Message.ShouldContain("999");
        e.Message.ShouldContain(Folder.JournalFile);
        await TempFolder.ExecuteAsync(Folder.JournalFile, "PRAGMA user_version = 2");
        await Folder.StartAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_in_the_error()
    {
        Directory.CreateDirectory(Folder.Options.Folder);
        await File.WriteAllTextAsync(Folder.JournalFile, new string('x', 5000));

        var e = await Should.ThrowAsync<StorageStartException>(() => Folder.StartAsync());
        e.Message.ShouldContain(Folder.JournalFile);
        e.Message.ShouldContain("no SQLite database");
        (await File.ReadAllTextAsync(Folder.JournalFile)).ShouldBe(new string('x', 5000));
    }

    [Fact]
    public async Task A_folder_in_the_files_place_is_named_in_the_error()
    {
        Directory.CreateDirectory(Folder.JournalFile);

        var e = await Should.ThrowAsync<StorageStartException>(() => Folder.StartAsync());
        e.Message.ShouldContain($"{Folder.JournalFile} is a folder");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_named_in_the_error()
    {
        var file = Path.Combine(Folder.Root, "file");
        await File.WriteAllTextAsync(file, "");

        var e = await Should.ThrowAsync<StorageStartException>(
            () => Folder.StartAsync(Folder.Options with { Folder = Path.Combine(file, "data") }));
        e.Message.ShouldContain(Path.Combine(file, "data"));
    }

    [Fact]
    public async Task A_journal_that_could_not_start_answers_that_it_is_away()
    {
        Directory.CreateDirectory(Folder.JournalFile);
        await using var journal = new SqliteJournal(Folder.Options, TimeProvider.System);
        await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("r"));
        await Should.ThrowAsync<StorageStartException>(() => journal.StartAsync(default));

        await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.OpenAsync("r"));
        await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.AllAsync("r"));
        (await journal.AppendAsync(Make.Entry("r", 1, 0, "a"))).Status.ShouldBe(AppendStatus.Unknown);
    }

    [Fact]
    public async Task Only_the_owner_can_read_the_files()
    {
        if (OperatingSystem.IsWindows())
            return;
        var journal = await Folder.StartAsync();
        await journal.OpenAsync("r");
        await new SqliteSecretStore(Folder.Options).GetOrCreateAsync(new byte[32], default);

        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var files = Directory.GetFiles(Folder.Options.Folder);
        files.Select(Path.GetFileName).ShouldBe(["journal.db", "journal.db-wal", "journal.db-shm", "cluster.db"], ignoreOrder: true);
        foreach (var file in files)
            File.GetUnixFileMode(file).ShouldBe(owner, file);
        File.GetUnixFileMode(Folder.Options.Folder).ShouldBe(owner | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Options_out_of_range_are_named()
    {
        static void Make(SqliteStorageOptions options) => _ = new SqliteJournal(options, TimeProvider.System);
        var good = Folder.Options;

        Should.Throw<ArgumentException>(() => Make(good with { Folder = " " })).Message.ShouldContain("Folder");
        Should.Throw<ArgumentException>(() => Make(good with { OperationTimeout = TimeSpan.Zero })).Message.ShouldContain("OperationTimeout");
        Should.Throw<ArgumentException>(() => Make(good with { Readers = 0 })).Message.ShouldContain("Readers");
        await Folder.StartAsync();
    }
}
