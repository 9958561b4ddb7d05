using ClusterChat.Cluster;
using ClusterChat.Cluster.Membership;

namespace ClusterChat.Storage.Sqlite;

/// <summary>The statements of the table of nodes on one connection; for one thread.</summary>
internal sealed class MembershipSession : IDisposable
{
    private const string IsNode = "name || '/' || incarnation =";

    private readonly SqliteSession _session;
    private readonly SqliteStatement _beginRead;
    private readonly SqliteStatement _readView;
    private readonly SqliteStatement _readNodes;
    private readonly SqliteStatement _readVotes;
    private readonly SqliteStatement _beat;
    private readonly SqliteStatement _raiseView;
    private readonly SqliteStatement _remove;
    private readonly SqliteStatement _add;
    private readonly SqliteStatement _dropVotes;
    private readonly SqliteStatement _vote;
    private readonly SqliteStatement _retract;

    public MembershipSession(SqliteSession session)
    {
        _session = session;
        _beginRead = session.Prepare("BEGIN DEFERRED");
        _readView = session.Prepare("SELECT view FROM membership WHERE id = 1");
        _readNodes = session.Prepare("SELECT name, incarnation, roles, address, heartbeat FROM node");
        _readVotes = session.Prepare("SELECT suspect, voter FROM vote ORDER BY suspect, voter");
        _beat = session.Prepare($"UPDATE node SET heartbeat = ?2 WHERE {IsNode} ?1 AND heartbeat < ?2");
        _raiseView = session.Prepare("UPDATE membership SET view = view + 1 WHERE id = 1 AND view = ?1 RETURNING view");
        _remove = session.Prepare($"DELETE FROM node WHERE {IsNode} ?1");
        _add = session.Prepare("INSERT OR REPLACE INTO node (name, incarnation, roles, address, heartbeat) VALUES (?1, ?2, ?3, ?4, 0)");
        _dropVotes = session.Prepare($"""
            DELETE FROM vote WHERE NOT EXISTS (SELECT 1 FROM node WHERE {IsNode} suspect)
                                OR NOT EXISTS (SELECT 1 FROM node WHERE {IsNode} voter)
            """);
        _vote = session.Prepare($"""
            INSERT INTO vote (suspect, voter) SELECT ?1, ?2
            WHERE EXISTS (SELECT 1 FROM node WHERE {IsNode} ?1) AND EXISTS (SELECT 1 FROM node WHERE {IsNode} ?2)
            ON CONFLICT DO NOTHING
            """);
        _retract = session.Prepare("DELETE FROM vote WHERE suspect = ?1 AND voter = ?2");
    }

    public MembershipTable Heartbeat(string node, long heartbeat) => Write(durable: false, () =>
    {
        _beat.Bind(1, node).Bind(2, heartbeat).Run();
        return Table();
    });

    /// <summary>One snapshot, which waits for nobody.</summary>
    public MembershipTable Read()
    {
        _beginRead.Run();
        try
        {
            var table = Table();
            _session.Commit();
            _session.ThrowIfMoved();
            return table;
        }
        finally
        {
            _session.Rollback();
        }
    }

    public bool TryChange(MembershipChange change) => Write(durable: true, () =>
    {
        _raiseView.Bind(1, change.ExpectedView);
        var isPresent = _raiseView.Step();
        _raiseView.Reset();
        if (!isPresent)
            return false;
        foreach (var id in change.Remove)
            _remove.Bind(1, id).Run();
        if (change.Add is { } node)
            _add.Bind(1, node.Name).Bind(2, node.Incarnation).Bind(3, (long)node.Roles).Bind(4, node.Address).Run();
        _dropVotes.Run();
        return true;
    });

    public bool Vote(MembershipVote vote, bool holds) => Write(durable: false, () =>
    {
        (holds ? _vote : _retract).Bind(1, vote.Suspect).Bind(2, vote.Voter).Run();
        return true;
    });

    public void Dispose() => _session.Dispose();

    /// <summary>
    /// Not durable: a commit of the log without a flush, which a crash of the machine may lose, never a crash of a process.
    /// With the machine all the nodes of this file are gone, and so is the worth of their counters and votes.
    /// The view number outlives them: rooms are opened under it.
    /// </summary>
    private T Write<T>(bool durable, Func<T> body)
    {
        _session.Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        _session.Begin();
        try
        {
            var result = body();
            _session.Commit();
            _session.ThrowIfMoved();
            return result;
        }
        finally
        {
            _session.Rollback();
        }
    }

    private MembershipTable Table()
    {
        var view = _readView.Step() ? _readView.Int64(0) : 0;
        _readView.Reset();
        var nodes = new List<MemberNode>();
        while (_readNodes.Step())
        {
            nodes.Add(new MemberNode(
                new ClusterNode(_readNodes.Text(0), _readNodes.Text(1), (NodeRoles)_readNodes.Int64(2), _readNodes.Text(3)),
                _readNodes.Int64(4)));
        }

        var votes = new List<MembershipVote>();
        while (_readVotes.Step())
            votes.Add(new MembershipVote(_readVotes.Text(0), _readVotes.Text(1)));

        // Not by the index: SQLite compares UTF-8 bytes, the port's order is that of UTF-16.
        nodes.Sort(static (a, b) => string.CompareOrdinal(a.Node.Name, b.Node.Name));
        return new MembershipTable(view, nodes, votes);
    }
}
