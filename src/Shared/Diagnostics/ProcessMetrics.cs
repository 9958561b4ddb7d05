using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace ClusterChat.Diagnostics;

/// <summary>The meter <c>ClusterChat.Process</c>: what <c>System.Runtime</c> has not, under the names that Prometheus' libraries use.</summary>
public static class ProcessMetrics
{
    private const string Files = "/proc/self/fd";
    private const string Limits = "/proc/self/limits";

    /// <summary>Begins to show them.</summary>
    public static void Watch(IMeterFactory meters)
    {
        // The factory owns the meter.
        var meter = meters.Create("ClusterChat.Process");
        using var self = Process.GetCurrentProcess();
        var start = (self.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
        meter.CreateObservableGauge("process.start_time", () => start, "s", "When the process started, in Unix time.");
        if (!Directory.Exists(Files))
            return;
        meter.CreateObservableGauge("process.open_fds", () => Directory.EnumerateFileSystemEntries(Files).LongCount(), null, "Files and sockets that the process has open.");
        if (MaxFiles(File.ReadLines(Limits)) is { } most)
            meter.CreateObservableGauge("process.max_fds", () => most, null, "Files and sockets that the process may have open.");
    }

    /// <returns>Null where there is no limit.</returns>
    internal static double? MaxFiles(IEnumerable<string> limits)
    {
        const string Name = "Max open files";
        var line = limits.FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
        var soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return double.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : null;
    }
}
