using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterChat.Bench;

/// <summary>What the disk's own flush takes.</summary>
internal static class Disk
{
    private const int Page = 4096;
    private const int Pages = 256;
    private const int Writes = 200;

    /// <summary>The median time of 200 writes of 4 KB into a file that has its size, each followed by fdatasync.</summary>
    public static TimeSpan FlushTime()
    {
        var path = Path.GetTempFileName();
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.Write(file, new byte[Page * Pages], 0);
            RandomAccess.FlushToDisk(file);
            var page = new byte[Page];
            Random.Shared.NextBytes(page);
            return TimeSpan.FromMilliseconds(Enumerable.Range(0, Writes).Select(i => Write(file, page, i % Pages * Page)).ToList().Median());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Write(SafeFileHandle file, byte[] page, long offset)
    {
        var started = Stopwatch.GetTimestamp();
        RandomAccess.Write(file, page, offset);
        if (FlushData(file) != 0)
        {
            throw new IOException($"fdatasync: error {Marshal.GetLastPInvokeError()}");
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int FlushData(SafeFileHandle file);
}
