using ClusterChat.Cluster.Abuse;

namespace ClusterChat.Storage.Sqlite;

/// <summary>The statements of the table of blocks on one connection; for one thread.</summary>
internal sealed class BlockSession : IDisposable
{
    private const string Columns = "kind, value, since, until, reason, author";

    private readonly SqliteSession _session;
    private readonly SqliteStatement _read;
    private readonly SqliteStatement _list;
    private readonly SqliteStatement _count;
    private readonly SqliteStatement _put;
    private readonly SqliteStatement _delete;
    private readonly SqliteStatement _deleteEnded;
    private readonly SqliteStatement _raiseVersion;

    private BlockSession(SqliteSession session)
    {
        _session = session;
        _read = session.Prepare($"""
            SELECT {Columns}, version, kind IS NOT NULL
            FROM block_version LEFT JOIN block ON version <> ?1 WHERE id = 1
            """);
        _list = session.Prepare($"""
            SELECT {Columns} FROM block
            WHERE (kind, value) > (?1, ?2) AND (?3 = 0 OR kind = ?3) AND (?4 = 0 OR value = ?5) ORDER BY kind, value LIMIT ?6
            """);
        _count = session.Prepare("SELECT count(*) FROM block WHERE NOT (kind = ?1 AND value = ?2)");
        _put = session.Prepare($"INSERT OR REPLACE INTO block ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        _delete = session.Prepare("DELETE FROM block WHERE kind = ?1 AND value = ?2 RETURNING 1");
        _deleteEnded = session.Prepare("DELETE FROM block WHERE until <= ?1 RETURNING 1");
        _raiseVersion = session.Prepare("UPDATE block_version SET version = version + 1 WHERE id = 1");
    }

    /// <exception cref="SqliteFault">The file cannot be opened, or is not what it was at the start.</exception>
    public static BlockSession Open(string path, TimeSpan lockWait)
    {
        var session = SqliteSession.Open(path, lockWait);
        try
        {
            return new BlockSession(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>One statement, so one snapshot, which waits for nobody.</summary>
    public BlockList? Read(long known)
    {
        _read.Bind(1, known);
        long? version = null;
        var blocks = new List<Block>();
        while (_read.Step())
        {
            version = _read.Int64(6);
            if (_read.Int64(7) != 0)
                blocks.Add(Row(_read));
        }

        _session.ThrowIfMoved();
        var found = version ?? throw new StoreUnavailableException(StoreRules.LostVersion);
        return found == known ? null : new BlockList(found, blocks);
    }

    public IReadOnlyList<Block> List(BlockKind? kind, string? value, (BlockKind Kind, string Value)? after, int limit)
    {
        _list.Bind(1, Number(after?.Kind)).Bind(2, after?.Value ?? string.Empty).Bind(3, Number(kind))
            .Bind(4, value is null ? 0 : 1).Bind(5, value ?? string.Empty).Bind(6, limit);
        var blocks = new List<Block>();
        while (_list.Step())
            blocks.Add(Row(_list));
        _session.ThrowIfMoved();
        return blocks;
    }

    public bool Put(Block block, int most) => Change(() =>
    {
        _count.Bind(1, (long)block.Kind).Bind(2, block.Value);
        var others = _count.Step() ? _count.Int64(0) : 0;
        _count.Reset();
        if (others >= most)
            return 0;
        _put.Bind(1, (long)block.Kind).Bind(2, block.Value).Bind(3, block.Since).Bind(4, block.Until).Bind(5, block.Reason).Bind(6, block.By).Run();
        return 1;
    }) > 0;

    public bool Delete(BlockKind kind, string value) => Change(() => Count(_delete.Bind(1, (long)kind).Bind(2, value))) > 0;

    public int DeleteEnded(long now) => Change(() => Count(_deleteEnded.Bind(1, now)));

    public void Dispose() => _session.Dispose();

    private static Block Row(SqliteStatement row)
        => new((BlockKind)row.Int64(0), row.Text(1), row.Int64(2), row.Int64(3), row.Text(4), row.Text(5));

    private static long Number(BlockKind? kind) => kind is { } known ? (long)known : 0;

    private static int Count(SqliteStatement statement)
    {
        var count = 0;
        while (statement.Step())
            count++;
        return count;
    }

    /// <summary>One transaction that begins as such (BEGIN IMMEDIATE); the version is another one where it has changed anything.</summary>
    private int Change(Func<int> change)
    {
        _session.Begin();
        try
        {
            var changed = change();
            if (changed > 0)
                _raiseVersion.Run();
            _session.Commit();
            _session.ThrowIfMoved();
            return changed;
        }
        finally
        {
            _session.Rollback();
        }
    }
}
