using System.Diagnostics;
using System.Globalization;

namespace ClusterChat.Soak;

/// <summary>
/// What the disk itself takes meanwhile, in the folder where the data are: a small write each 20 ms, flushed to the disk. No ack is quicker than that, so
/// pauses are to be seen beside it.
/// </summary>
internal sealed class DiskProbe
{
    private const int Page = 4096;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly List<double> _times = [];
    private readonly Task _running;
    private volatile bool _over;

    /// <summary>Begins.</summary>
    public DiskProbe() => _running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Ends, and says what came of it.</summary>
    public async Task<string> StopAsync()
    {
        _over = true;
        await _running;
        _times.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"A write of 4 KB, flushed to the disk, took meanwhile: p50 {At(0.5):F1} ms, p99 {At(0.99):F1} ms, max {At(1):F0} ms; {_times.Count:N0} of them.");
    }

    private void Run()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        var page = new byte[Page];
        for (; !_over; Thread.Sleep(Interval))
        {
            var started = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, page, 0);
            RandomAccess.FlushToDisk(file);
            _times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private double At(double share) => _times[Math.Min(_times.Count - 1, (int)(share * _times.Count))];
}
