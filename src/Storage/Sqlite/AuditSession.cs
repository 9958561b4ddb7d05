using ClusterChat.Cluster.Abuse;

namespace ClusterChat.Storage.Sqlite;

/// <summary>The statements of the audit on one connection; for one thread.</summary>
internal sealed class AuditSession : IDisposable
{
    private const string Columns = "room, seq, mid, author, session, address, at, is_repeat";

    private readonly SqliteSession _session;
    private readonly SqliteStatement _add;
    private readonly SqliteStatement _forget;
    private readonly SqliteStatement _ofMessage;
    private readonly SqliteStatement _ofAuthor;

    private AuditSession(SqliteSession session)
    {
        _session = session;
        _add = session.Prepare($"INSERT INTO audit ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        _forget = session.Prepare("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ?1 ORDER BY at LIMIT ?2) RETURNING 1");

        _ofMessage = session.Prepare($"SELECT {Columns}, id FROM audit WHERE room = ?3 AND seq = ?4 AND id < ?1 ORDER BY id DESC LIMIT ?2");
        _ofAuthor = session.Prepare($"SELECT {Columns}, id FROM audit WHERE author = ?3 AND id < ?1 ORDER BY id DESC LIMIT ?2");
    }

    /// <exception cref="SqliteFault">The file cannot be opened, or is not what it was at the start.</exception>
    public static AuditSession Open(string path, TimeSpan lockWait)
    {
        var session = SqliteSession.Open(path, lockWait);
        try
        {
            // What a power cut takes is some seconds of a record that is no promise; a flush for each batch would be the journal's disk's.
            // And nobody else copies this log into its database: SQLite does, at its own pace.
            session.Execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 1000");
            return new AuditSession(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public int Add(IReadOnlyList<AuditedMessage> entries) => Change(() =>
    {
        foreach (var e in entries)
        {
            _add.Bind(1, e.Room).Bind(2, e.Seq).Bind(3, e.Mid).Bind(4, e.User).Bind(5, e.Session).Bind(6, e.Address).Bind(7, e.At)
                .Bind(8, e.IsRepeat ? 1 : 0).Run();
        }

        return entries.Count;
    });

    public IReadOnlyList<AuditedMessage> OfMessage(string room, long seq, long before, int limit)
        => Read(_ofMessage.Bind(3, room).Bind(4, seq), before, limit);

    public IReadOnlyList<AuditedMessage> OfUser(string user, long before, int limit) => Read(_ofAuthor.Bind(3, user), before, limit);

    public int Forget(long before, int most) => Change(() =>
    {
        var count = 0;
        _forget.Bind(1, before).Bind(2, most);
        while (_forget.Step())
            count++;
        return count;
    });

    public void Dispose() => _session.Dispose();

    private List<AuditedMessage> Read(SqliteStatement statement, long before, int limit)
    {
        statement.Bind(1, before).Bind(2, limit);
        var found = new List<AuditedMessage>();
        while (statement.Step())
        {
            found.Add(new AuditedMessage(
                statement.Text(0), statement.Int64(1), statement.Text(2), statement.Text(3), statement.Text(4), statement.Text(5), statement.Int64(6),
                statement.Int64(7) != 0)
            { Id = statement.Int64(8) });
        }

        _session.ThrowIfMoved();
        return found;
    }

    private int Change(Func<int> change)
    {
        _session.Begin();
        try
        {
            var changed = change();
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
