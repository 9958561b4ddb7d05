using ClusterChat.Storage.Sqlite;
using ClusterChat.Storage.Sqlite.Vfs;
using ClusterChat.Storage.Tests.Contract;

namespace ClusterChat.Storage.Tests.Sqlite;

/// <summary>The write-ahead log, and our own way to it.</summary>
public sealed class SqliteLogTests : SqliteTest
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    [Fact]
    public void On_Linux_the_log_is_reached_our_own_way() => (LogVfs.Name is not null).ShouldBe(OperatingSystem.IsLinux());

    [Theory]
    [InlineData(10)]
    [InlineData(300_000)]
    public async Task What_was_committed_is_in_the_file_for_everybody_at_once(int lineLength)
    {
        var journal = await Folder.StartAsync();
        var other = await Folder.StartAsync();
        var opened = await journal.OpenAsync("r");

        for (var n = 0; n < 30; n++)
        {
            var line = new string((char)('a' + (n % 26)), lineLength);
            await journal.CommitAsync(new("r", opened.Epoch, n, [Make.Event(n + 1, $"m{n}", line: line)]));
            (await other.AllAsync("r")).Count.ShouldBe(n + 1);
        }

        // What is in the files, without what the connections share in memory.
        var copy = Directory.CreateDirectory(Path.Combine(Folder.Root, "copy")).FullName;
        foreach (var file in new[] { Folder.JournalFile, Folder.JournalFile + "-wal" })
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        var after = await Folder.StartAsync(Folder.Options with { Folder = copy });
        (await after.AllAsync("r")).Select(Make.Show).ShouldBe((await journal.AllAsync("r")).Select(Make.Show));
    }

    [Fact]
    public void A_transaction_larger_than_the_cache_is_whole_or_not_there()
    {
        var path = SqliteFiles.Ensure(Folder.Options.Folder, "some.db");
        using var session = SqliteSession.Open(path, Wait);
        using var other = SqliteSession.Open(path, Wait);
        session.Execute("PRAGMA journal_mode = WAL; PRAGMA cache_size = 10; CREATE TABLE t (x)");
        session.GatherCommits();

        foreach (var commits in new[] { true, false, true })
        {
            var before = other.Scalar("SELECT count(*) FROM t");
            session.Begin();
            session.Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT randomblob(3000) FROM n");
            other.Scalar("SELECT count(*) FROM t").ShouldBe(before);
            if (commits)
                session.Commit();
            else
                session.Rollback();
            other.Scalar("SELECT count(*) FROM t").ShouldBe(before + (commits ? 500 : 0));
            other.Execute("INSERT INTO t VALUES (1); DELETE FROM t WHERE x = 1");
        }

        other.Scalar("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'").ShouldBe(0);
    }

    [Fact]
    public void A_log_that_starts_over_keeps_its_file()
    {
        var path = SqliteFiles.Ensure(Folder.Options.Folder, "some.db");
        using var session = SqliteSession.Open(path, Wait);
        session.Execute("PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
        session.GatherCommits();
        void Insert(int rows)
        {
            session.Begin();
            session.Execute($"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO t SELECT randomblob(3000) FROM n");
            session.Commit();
        }

        Insert(100);
        var length = new FileInfo(path + "-wal").Length;
        session.Checkpoint("RESTART").Done.ShouldBeTrue();
        Insert(1);

        new FileInfo(path + "-wal").Length.ShouldBe(length);
        session.Checkpoint("PASSIVE").Pages.ShouldBeLessThan(10);
        session.Scalar("SELECT count(*) FROM t").ShouldBe(101);
    }
}
