using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ClusterChat.Diagnostics;

/// <summary>The meter <c>ClusterChat.Process</c>: what <c>System.Runtime</c> has not, under the names that Prometheus' libraries use.</summary>
public static class ProcessMetrics
{
    /// <summary>Begins to show them.</summary>
    public static void Watch(IMeterFactory meters)
    {
        // The factory owns the meter.
        var meter = meters.Create("ClusterChat.Process");
        using var self = Process.GetCurrentProcess();
        var start = (self.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
        meter.CreateObservableGauge("process.start_time", () => start, "s", "When the process started, in Unix time.");
        if (OpenFiles.Count is null)
            return;
        meter.CreateObservableGauge("process.open_fds", () => (long)(OpenFiles.Count ?? 0), null, "Files and sockets that the process has open.");
        if (OpenFiles.Limit is { } most)
            meter.CreateObservableGauge("process.max_fds", () => (double)most, null, "Files and sockets that the process may have open.");
    }
}
