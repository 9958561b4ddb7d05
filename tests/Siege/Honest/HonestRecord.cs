using System.Diagnostics;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Honest;

/// <summary>What honest clients had to live with, from <see cref="Begin"/> on.</summary>
internal sealed class HonestRecord
{
    private readonly Lock _gate = new();
    private readonly List<double> _acks = [];
    private readonly List<double> _reads = [];
    private long _begin = long.MaxValue;

    /// <summary>Connections that ended, by how.</summary>
    public Tally Cut { get; } = new();

    /// <summary>What was refused: connections, joins, messages; by what was said.</summary>
    public Tally Refused { get; } = new();

    /// <summary>Histories and lists that were refused, by what was said.</summary>
    public Tally RefusedReads { get; } = new();

    /// <summary>From now on it counts: what was to be said before does not.</summary>
    public void Begin() => Volatile.Write(ref _begin, Stopwatch.GetTimestamp());

    /// <summary>A message was acked.</summary>
    /// <param name="dueAt">When it was to be said.</param>
    public void Acked(long dueAt) => Add(_acks, dueAt);

    /// <summary>A history or a list has come.</summary>
    /// <param name="dueAt">When it was to be asked for.</param>
    public void Read(long dueAt) => Add(_reads, dueAt);

    /// <summary>A connection has ended.</summary>
    public void WasCut(string how) => Add(Cut, how);

    /// <summary>A connection, a join or a message was refused.</summary>
    public void WasRefused(string how) => Add(Refused, how);

    /// <summary>A history or a list was refused.</summary>
    public void ReadWasRefused(string how) => Add(RefusedReads, how);

    /// <summary>How long acks took until now; what is still unanswered counts with the time that it has been waiting.</summary>
    /// <param name="unanswered">When these were to be said.</param>
    public Delays Acks(IReadOnlyList<long> unanswered) => Sum(_acks, unanswered);

    /// <summary>The same of histories and lists.</summary>
    /// <param name="unanswered">When these were to be asked for.</param>
    public Delays Reads(IReadOnlyList<long> unanswered) => Sum(_reads, unanswered);

    private void Add(List<double> times, long dueAt)
    {
        if (dueAt < Volatile.Read(ref _begin))
            return;
        lock (_gate)
            times.Add(Stopwatch.GetElapsedTime(dueAt).TotalMilliseconds);
    }

    private void Add(Tally tally, string how)
    {
        if (Stopwatch.GetTimestamp() >= Volatile.Read(ref _begin))
            tally.Add(how);
    }

    // A client tells its times while its state is locked: what it has unanswered must be known before this lock is taken.
    private Delays Sum(List<double> times, IReadOnlyList<long> unanswered)
    {
        lock (_gate)
        {
            return Delays.Of([
                .. times,
                .. unanswered.Where(dueAt => dueAt >= _begin).Select(dueAt => Stopwatch.GetElapsedTime(dueAt).TotalMilliseconds),
            ]);
        }
    }
}
