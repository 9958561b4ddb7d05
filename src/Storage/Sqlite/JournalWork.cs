using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage.Sqlite;

/// <summary>
/// A caller's request on its way through the writer: applied within a transaction, answered after its commit.
/// </summary>
internal abstract class JournalWork
{
    private volatile bool _abandoned;

    /// <summary>How many rows it is about.</summary>
    public abstract int Rows { get; }

    /// <summary>
    /// Its share of the queue and of a transaction: one a row, and one more for each KiB of its line, so that
    /// the bound on the number is one on the memory too.
    /// </summary>
    public abstract int Weight { get; }

    /// <summary>How many of its parts were fenced.</summary>
    public virtual int Fenced => 0;

    /// <summary>Its caller has gone; what has not begun need not begin.</summary>
    public bool IsAbandoned => _abandoned;

    public void Abandon() => _abandoned = true;

    /// <summary>Does it within the open transaction and keeps the answer back.</summary>
    /// <exception cref="SqliteFault">The whole transaction is to be given up.</exception>
    public abstract void Apply(JournalTransaction transaction);

    /// <summary>The transaction is durable: gives the answer.</summary>
    public abstract void Complete();

    /// <summary>The transaction failed, or nobody can tell.</summary>
    public abstract void Fail(string reason, Exception? cause);
}

/// <summary>What became of a request that may be refused by the store: a value or the reason.</summary>
internal readonly record struct Outcome<T>(T Value, string? Failure, Exception? Cause)
{
    public static Outcome<T> Of(T value) => new(value, null, null);

    public static Outcome<T> Failed(string reason, Exception? cause) => new(default!, reason, cause);

    /// <summary>The value, if there is one.</summary>
    /// <exception cref="JournalUnavailableException">It failed.</exception>
    public T ValueOrThrow() => Failure is null ? Value : throw new JournalUnavailableException(Failure, Cause);
}

internal sealed class OpenWork(string room, long view, int tail) : JournalWork
{
    private readonly TaskCompletionSource<Outcome<OpenedRoom?>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OpenedRoom? _opened;

    public Task<Outcome<OpenedRoom?>> Answer => _answer.Task;

    public override int Rows => 1;

    public override int Weight => 1;

    public override void Apply(JournalTransaction transaction) => _opened = transaction.Open(room, view, tail);

    public override void Complete() => _answer.TrySetResult(Outcome<OpenedRoom?>.Of(_opened));

    public override void Fail(string reason, Exception? cause) =>
        _answer.TrySetResult(Outcome<OpenedRoom?>.Failed(reason, cause));
}

internal sealed class DeleteWork(string room) : JournalWork
{
    private readonly TaskCompletionSource<Outcome<long?>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _epoch;

    public Task<Outcome<long?>> Answer => _answer.Task;

    public override int Rows => 1;

    public override int Weight => 1;

    public override void Apply(JournalTransaction transaction) => _epoch = transaction.Delete(room);

    public override void Complete() => _answer.TrySetResult(Outcome<long?>.Of(_epoch));

    public override void Fail(string reason, Exception? cause) => _answer.TrySetResult(Outcome<long?>.Failed(reason, cause));
}

internal sealed class TrimWork(long room, TrimBounds bounds, int most) : JournalWork
{
    private readonly TaskCompletionSource<Outcome<int>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    public Task<Outcome<int>> Answer => _answer.Task;

    public override int Rows => 1;

    public override int Weight => 1 + (most / 16);

    public override void Apply(JournalTransaction transaction) => _count = transaction.Trim(room, bounds, most);

    public override void Complete() => _answer.TrySetResult(Outcome<int>.Of(_count));

    public override void Fail(string reason, Exception? cause) => _answer.TrySetResult(Outcome<int>.Failed(reason, cause));
}

/// <summary>A step of the removal of rows that earlier versions left: <see cref="UnbornSlots.RemoveEmpty"/>.</summary>
internal sealed class RemoveEmptyWork(long after, int count) : JournalWork
{
    private readonly TaskCompletionSource<Outcome<long?>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _next;

    public Task<Outcome<long?>> Answer => _answer.Task;

    // No request of anybody.
    public override int Rows => 0;

    public override int Weight => count;

    public override void Apply(JournalTransaction transaction) => _next = transaction.RemoveEmpty(after, count);

    public override void Complete() => _answer.TrySetResult(Outcome<long?>.Of(_next));

    public override void Fail(string reason, Exception? cause) => _answer.TrySetResult(Outcome<long?>.Failed(reason, cause));
}

internal sealed class AppendWork : JournalWork
{
    private readonly TaskCompletionSource<IReadOnlyList<AppendResult>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IReadOnlyList<AppendEntry> _batch;
    private readonly AppendResult[] _results;
    private readonly string?[] _violations;

    // On the caller's thread: the one that writes has enough to do.
    public AppendWork(IReadOnlyList<AppendEntry> batch)
    {
        _batch = batch;
        _results = new AppendResult[batch.Count];
        _violations = new string?[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            Rows += batch[i].Events.Count;
            Weight += Math.Max(1, WeightOf(batch[i].Events));
            _violations[i] = EntryRules.Violation(batch[i]);
        }
    }

    public Task<IReadOnlyList<AppendResult>> Answer => _answer.Task;

    public override int Rows { get; }

    public override int Weight { get; }

    public override int Fenced => _results.Count(result => result.Status == AppendStatus.Fenced);

    public override void Apply(JournalTransaction transaction)
    {
        for (var i = 0; i < _results.Length; i++)
        {
            _results[i] = _violations[i] is { } violation
                ? new AppendResult(AppendStatus.Rejected, [], violation)
                : transaction.Append(_batch[i]);
        }
    }

    public override void Complete() => _answer.TrySetResult(_results);

    public override void Fail(string reason, Exception? cause) => _answer.TrySetResult(AllUnknown(_batch.Count, reason));

    private static int WeightOf(IReadOnlyList<StoredEvent> events)
    {
        var weight = 0;
        for (var i = 0; i < events.Count; i++)
            weight += 1 + (events[i].Line.Length / 1024);
        return weight;
    }

    /// <summary>The answer to a batch of which nothing can be told.</summary>
    public static AppendResult[] AllUnknown(int count, string reason)
    {
        var results = new AppendResult[count];
        Array.Fill(results, AppendResult.Unknown(reason));
        return results;
    }
}
