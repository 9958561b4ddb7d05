using System.Diagnostics;
using System.Net;

namespace ClusterChat.Siege.Honest;

/// <summary>Honest clients that chat.</summary>
internal sealed class HonestCrowd : IAsyncDisposable
{
    /// <summary>Who connects at the same moment, at most: the web server's backlog is 512.</summary>
    private const int AtOnce = 256;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5), Look = TimeSpan.FromMilliseconds(20);

    private readonly HonestPlan _plan;
    private readonly SemaphoreSlim _door = new(AtOnce);
    private readonly CancellationTokenSource _stop = new();
    private readonly HonestClient[] _clients;
    private Task _talking = Task.CompletedTask;

    public HonestCrowd(HonestPlan plan, IPEndPoint node)
    {
        _plan = plan;
        _clients = [.. Enumerable.Range(0, plan.Count).Select(i => new HonestClient(plan, i, node, _door, Record))];
    }

    /// <summary>What they had to live with.</summary>
    public HonestRecord Record { get; } = new();

    /// <summary>How many are in all of their rooms.</summary>
    public int In => _clients.Count(c => c.IsIn);

    /// <summary>How long messages took.</summary>
    public Delays Acks => Record.Acks([.. _clients.SelectMany(c => c.Unanswered(writes: true))]);

    /// <summary>How long histories and lists took.</summary>
    public Delays Reads => Record.Reads([.. _clients.SelectMany(c => c.Unanswered(writes: false))]);

    /// <summary>What they hear of trouble, such as why they are not in.</summary>
    public string? Trouble => _clients.Where(c => !c.IsIn).Select(c => c.Trouble).FirstOrDefault(t => t is not null);

    /// <summary>All connect.</summary>
    public void Start()
    {
        foreach (var client in _clients)
            client.Start();
    }

    /// <summary>They begin to talk, each in its turn.</summary>
    public void Talk() => _talking = TalkAsync();

    /// <summary>Waits until all are in.</summary>
    /// <returns>How long it took; null where they are not within the time.</returns>
    public async Task<TimeSpan?> AllInAsync(TimeSpan limit, CancellationToken stop)
    {
        var begin = Stopwatch.GetTimestamp();
        while (In < _plan.Count)
        {
            if (Stopwatch.GetElapsedTime(begin) > limit)
                return null;
            await Task.Delay(Look, TimeProvider.System, stop);
        }

        return Stopwatch.GetElapsedTime(begin);
    }

    /// <summary>The lines of all of them break at once.</summary>
    public void CutLines()
    {
        foreach (var client in _clients)
            client.CutLine();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _talking;
        await Task.WhenAll(_clients.Select(c => c.DisposeAsync().AsTask()));
        _stop.Dispose();
        _door.Dispose();
    }

    // When each message is due is known beforehand; if the node, or this program, is late, the times of acks say so.
    private async Task TalkAsync()
    {
        if (_plan.PerSecond <= 0)
            return;
        var (begin, said) = (Stopwatch.GetTimestamp(), 0L);
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                for (; said < Stopwatch.GetElapsedTime(begin).TotalSeconds * _plan.PerSecond; said++)
                    _clients[said % _clients.Length].Say(begin + (long)(said / _plan.PerSecond * Stopwatch.Frequency));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
