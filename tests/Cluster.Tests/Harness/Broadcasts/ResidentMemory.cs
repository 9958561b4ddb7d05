using System.Globalization;

namespace ClusterChat.Cluster.Tests.Harness.Broadcasts;

/// <summary>Watches the memory that a process really has (VmRSS).</summary>
internal sealed class ResidentMemory : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly string _status;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private long _peak;

    public ResidentMemory(NodeProcess node)
    {
        _status = string.Create(CultureInfo.InvariantCulture, $"/proc/{node.Pid}/status");
        _watching = WatchAsync();
    }

    /// <summary>The most bytes since the last call, and begins anew.</summary>
    public long TakePeak()
    {
        Sample();
        return Interlocked.Exchange(ref _peak, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                Sample();
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Sample()
    {
        const string Label = "VmRSS:";
        var line = File.ReadLines(_status).FirstOrDefault(l => l.StartsWith(Label, StringComparison.Ordinal));
        if (line is null)
            return;
        var bytes = long.Parse(line.AsSpan(Label.Length).Trim().TrimEnd("kB ").ToString(), CultureInfo.InvariantCulture) * 1024;
        long peak;
        while ((peak = Interlocked.Read(ref _peak)) < bytes && Interlocked.CompareExchange(ref _peak, bytes, peak) != peak)
        {
        }
    }
}
