using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Storage.Sqlite;

/// <summary>The statements of the table of nodes on one connection; for one thread.</summary>
internal sealed class NodeTableSession : IDisposable
{
    private readonly SqliteSession _session;
    private readonly SqliteStatement _read;
    private readonly SqliteStatement _raiseView;
    private readonly SqliteStatement _remove;
    private readonly SqliteStatement _put;

    private NodeTableSession(SqliteSession session)
    {
        _session = session;
        _read = session.Prepare("""
            SELECT view, address IS NOT NULL, address, uid, name, roles, state, since
            FROM membership LEFT JOIN cluster_node ON true WHERE id = 1
            """);
        _raiseView = session.Prepare("UPDATE membership SET view = view + 1 WHERE id = 1 AND view = ?1 RETURNING view");
        _remove = session.Prepare("DELETE FROM cluster_node WHERE address = ?1 AND uid = ?2");
        _put = session.Prepare("""
            INSERT OR REPLACE INTO cluster_node (address, uid, name, roles, state, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """);
    }

    /// <exception cref="SqliteFault">The file cannot be opened, or is not what it was at the start.</exception>
    public static NodeTableSession Open(string path, TimeSpan lockWait)
    {
        var session = SqliteSession.Open(path, lockWait);
        try
        {
            return new NodeTableSession(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>One statement, so one snapshot, which waits for nobody.</summary>
    public NodeList Read()
    {
        long? view = null;
        var rows = new List<NodeRow>();
        while (_read.Step())
        {
            view = _read.Int64(0);
            if (_read.Int64(1) != 0)
            {
                rows.Add(new NodeRow(
                    new NodeKey(_read.Text(2), (int)_read.Int64(3)), _read.Text(4), _read.Text(5), (NodeState)_read.Int64(6), _read.Int64(7)));
            }
        }

        _session.ThrowIfMoved();
        return NodeTableRules.List(view ?? throw new NodeTableUnavailableException(NodeTableRules.LostView), rows);
    }

    /// <summary>
    /// One transaction that begins as such (BEGIN IMMEDIATE): what is compared cannot change before it is set. On the disk when it
    /// returns: the session flushes each commit. A refusal too is only believed of a file that is still the one at the path.
    /// </summary>
    public bool TryChange(NodeChange change)
    {
        _session.Begin();
        try
        {
            var isAccepted = TryRaiseView(change.ExpectedView);
            if (isAccepted)
                Apply(change);
            _session.Commit();
            _session.ThrowIfMoved();
            return isAccepted;
        }
        finally
        {
            _session.Rollback();
        }
    }

    public void Dispose() => _session.Dispose();

    private bool TryRaiseView(long expected)
    {
        _raiseView.Bind(1, expected);
        var isRaised = _raiseView.Step();
        _raiseView.Reset();
        return isRaised;
    }

    private void Apply(NodeChange change)
    {
        foreach (var key in change.Remove)
            _remove.Bind(1, key.Address).Bind(2, key.Uid).Run();
        if (change.Put is { } row)
        {
            _put.Bind(1, row.Key.Address).Bind(2, row.Key.Uid).Bind(3, row.Name).Bind(4, row.Roles)
                .Bind(5, (long)row.State).Bind(6, row.Since).Run();
        }
    }
}
