using System.Globalization;

namespace ClusterChat.Siege.Processes;

/// <summary>The memory that a process really has, as the kernel counts it.</summary>
internal sealed class NodeMemory(int pid)
{
    private const string Now = "VmRSS:", Most = "VmHWM:";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly string _folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");

    /// <summary>The bytes that it had when it was last looked at.</summary>
    public long Bytes { get; private set; }

    /// <summary>The most bytes since <see cref="Begin"/>.</summary>
    public long Peak { get; private set; }

    /// <summary>Forgets the most of before.</summary>
    public void Begin()
    {
        // The kernel keeps the peak itself, so that nothing between two looks is missed.
        File.WriteAllText(Path.Combine(_folder, "clear_refs"), "5");
        Peak = 0;
        Look();
    }

    /// <summary>Looks until the end, or until the process is gone.</summary>
    public async Task WatchAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        try
        {
            while (Look())
                await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>Looks once.</summary>
    /// <returns>Whether the process is there.</returns>
    public bool Look()
    {
        try
        {
            var lines = File.ReadAllLines(Path.Combine(_folder, "status"));
            if (Find(lines, Now) is not { } bytes)
                return false;
            (Bytes, Peak) = (bytes, Math.Max(Peak, Find(lines, Most) ?? bytes));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // A process that has ended and was not waited for yet has no memory.
    private static long? Find(string[] lines, string label)
        => Array.Find(lines, l => l.StartsWith(label, StringComparison.Ordinal)) is { } line
            ? long.Parse(line.AsSpan(label.Length).Trim().TrimEnd("kB ").ToString(), CultureInfo.InvariantCulture) * 1024
            : null;
}
