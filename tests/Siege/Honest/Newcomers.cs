using System.Diagnostics;
using System.Net;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Honest;

/// <summary>Each second somebody new comes: connects, says hello, joins a room and says something.</summary>
/// <param name="node">Where to.</param>
/// <param name="tokens">Makes their tokens; null where guests are welcome.</param>
internal sealed class Newcomers(IPEndPoint node, Tokens? tokens)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Whoever has heard nothing for so long has gone away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _door = new(int.MaxValue);
    private readonly List<double> _times = [];

    /// <summary>Why some did not get in.</summary>
    public Tally Refused { get; } = new();

    /// <summary>From when to when somebody tried in vain.</summary>
    public List<(long From, long To)> InVain { get; } = [];

    /// <summary>How long it took from the connect to the first ack, of those who got in.</summary>
    public Delays Times
    {
        get
        {
            lock (_gate)
                return Delays.Of([.. _times]);
        }
    }

    /// <summary>They come until the end; those who are under way then are waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var trying = new List<Task>();
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        try
        {
            for (var number = 0; await timer.WaitForNextTickAsync(stop); number++)
                trying.Add(TryAsync(number));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        await Task.WhenAll(trying);
    }

    private async Task TryAsync(int number)
    {
        var plan = new HonestPlan { Name = "new", Count = 1, From = Addresses.OfNewcomer, Tokens = tokens };
        var begin = Stopwatch.GetTimestamp();
        await using var client = new HonestClient(plan, number, node, _door, new HonestRecord());
        client.Start();
        client.Say(begin);
        try
        {
            await client.FirstAck.WaitAsync(Patience, TimeProvider.System);
            lock (_gate)
                _times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }
        catch (TimeoutException)
        {
            Refused.Add(client.Trouble ?? "no answer");
            lock (_gate)
                InVain.Add((begin, Stopwatch.GetTimestamp()));
        }
    }
}
