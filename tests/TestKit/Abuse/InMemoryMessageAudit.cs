using ClusterChat.Cluster.Abuse;

namespace ClusterChat.TestKit.Abuse;

/// <summary>An audit in memory. Calls complete before they return.</summary>
public sealed class InMemoryMessageAudit : IMessageAudit
{
    private readonly Lock _gate = new();
    private readonly List<AuditedMessage> _entries = [];
    private long _lastId;

    /// <summary>If it is true each call fails.</summary>
    public bool IsAway { get; set; }

    /// <summary>If it is true the next entries are refused for good.</summary>
    public bool RefusesNext { get; set; }

    /// <summary>How many entries came at once, in order.</summary>
    public List<int> Batches { get; } = [];

    /// <summary>All that is there, the oldest first.</summary>
    public IReadOnlyList<AuditedMessage> Entries
    {
        get
        {
            lock (_gate)
                return [.. _entries];
        }
    }

    public ValueTask AddAsync(IReadOnlyList<AuditedMessage> entries, CancellationToken cancellationToken)
    {
        Run(() =>
        {
            if (RefusesNext)
            {
                RefusesNext = false;
                throw new ArgumentException("An entry cannot be kept.", nameof(entries));
            }

            Batches.Add(entries.Count);
            _entries.AddRange(entries.Select(e => e with { Id = ++_lastId }));
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<AuditedMessage>> OfMessageAsync(string room, long seq, long before, int limit, CancellationToken cancellationToken)
        => new(Run(() => Newest(e => e.Room == room && e.Seq == seq, before, limit)));

    public ValueTask<IReadOnlyList<AuditedMessage>> OfUserAsync(string user, long before, int limit, CancellationToken cancellationToken)
        => new(Run(() => Newest(e => e.User == user, before, limit)));

    public ValueTask<int> ForgetAsync(long before, int most, CancellationToken cancellationToken) => new(Run(() =>
    {
        var gone = _entries.Where(e => e.At < before).OrderBy(e => e.At).Take(most).ToList();
        _entries.RemoveAll(gone.Contains);
        return gone.Count;
    }));

    private IReadOnlyList<AuditedMessage> Newest(Func<AuditedMessage, bool> condition, long before, int limit)
        => [.. _entries.Where(e => e.Id < before && condition(e)).OrderByDescending(e => e.Id).Take(limit)];

    private T Run<T>(Func<T> call)
    {
        lock (_gate)
            return IsAway ? throw new StoreUnavailableException("it is away") : call();
    }
}
