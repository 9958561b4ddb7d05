using System.Diagnostics.CodeAnalysis;

namespace ClusterChat.Cluster.Arbiter;

/// <summary>
/// What this node knows of the table of nodes, and whether it is in it. Thread-safe: formation, the downing actor and whoever has to
/// be sure that this node is a member still (a journal that fences) share it.
/// </summary>
/// <remarks>
/// A list from before what this node knows says nothing about it, and such a list may arrive late: the number of its view tells.
/// </remarks>
public sealed class ArbiterView
{
    // So many lists in a row that are older than what this node knows do not come late: the table was restored from a backup, or lost
    // changes in a fail-over. What follows from it is wrong then, and all begin anew.
    private const int Restored = 5;

    private readonly Lock _lock = new();
    private readonly INodeTable _table;
    private readonly string _name;
    private readonly Action<EvictionNotice> _evicted;
    private NodeKey? _self;
    private long _number;
    private int _older;
    private bool _isOver;

    internal ArbiterView(INodeTable table, string name, Action<EvictionNotice> evicted)
    {
        _table = table;
        _name = name;
        _evicted = evicted;
    }

    /// <summary>The number of the newest view in which this node is known to have been; 0 before it has registered. It only grows.</summary>
    public long Number => Volatile.Read(ref _number);

    /// <summary>Whether this node has a row, as far as it knows. Once false again it stays so.</summary>
    public bool IsMember
    {
        get
        {
            lock (_lock)
                return _self is not null && !_isOver;
        }
    }

    /// <summary>Reads the table now, and ends this node's membership if it is not in it.</summary>
    /// <returns>Whether this node is in the table.</returns>
    /// <exception cref="NodeTableUnavailableException">The database cannot be reached or did not answer in time.</exception>
    public async ValueTask<bool> RefreshAsync(CancellationToken cancellationToken) =>
        Learn(await _table.ReadAsync(cancellationToken));

    /// <summary>This node has registered.</summary>
    internal void Registered(NodeRow self)
    {
        lock (_lock)
        {
            _self = self.Key;
            Volatile.Write(ref _number, Math.Max(_number, self.Since));
        }
    }

    /// <summary>A list of the table was read, or left behind by a change of this node's.</summary>
    /// <returns>Whether this node is in it. Of a list from before its row came: whether it is a member as far as it knows.</returns>
    internal bool Learn(NodeList list)
    {
        EvictionNotice notice;
        lock (_lock)
        {
            if (_self is not { } self || _isOver)
                return false;
            if (list.View < _number)
            {
                if (++_older < Restored)
                    return true;
            }
            else if (list.Find(self) is not null)
            {
                _older = 0;
                Volatile.Write(ref _number, list.View);
                return true;
            }

            _isOver = true;
            notice = new EvictionNotice(self, _name, EvictionReason.Evicted, list.View);
        }

        _evicted(notice);
        return false;
    }

    /// <summary>This node is in a cluster that the table does not know.</summary>
    internal void EndApart(NodeList list)
    {
        if (TryRetire(out var self))
            _evicted(new EvictionNotice(self.Value, _name, EvictionReason.Apart, list.View));
    }

    /// <summary>The other members hold this node for down, says Akka: they have acted on a view that this node has not read yet.</summary>
    public void EndDown()
    {
        if (TryRetire(out var self))
            _evicted(new EvictionNotice(self.Value, _name, EvictionReason.Down, Number));
    }

    /// <summary>This node leaves on its own: that its row will be gone is no eviction.</summary>
    /// <returns>False: it has no row, or was evicted already.</returns>
    internal bool TryRetire([NotNullWhen(true)] out NodeKey? self)
    {
        lock (_lock)
        {
            self = _self;
            if (self is null || _isOver)
                return false;
            _isOver = true;
            return true;
        }
    }
}
