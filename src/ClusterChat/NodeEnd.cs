using System.Runtime.InteropServices;
using ClusterChat.Cluster.Arbiter;

namespace ClusterChat.Host;

/// <summary>The end of a process that is no member of its cluster any more.</summary>
internal static partial class NodeEnd
{
    // The log writes on a thread of its own; so long it has for its last line.
    private static readonly TimeSpan LogTime = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Ends the process, with 1. At once: its rooms are others' by now, and an orderly stop would take seconds in which a memory room, which nothing
    /// fences, could go on acking what nobody will see.
    /// </summary>
    public static void Now(ILoggerFactory loggers, EvictionNotice notice)
    {
        var ending = new Thread(() =>
        {
            var saying = new Thread(() =>
            {
                loggers.CreateLogger("ClusterChat.Node").Evicted(notice);
                loggers.Dispose();
            })
            { IsBackground = true };
            saying.Start();
            saying.Join(LogTime);
            if (OperatingSystem.IsWindows())
            {
                Environment.Exit(ExitCodes.Failed);
            }

            Exit(ExitCodes.Failed);
        })
        { IsBackground = true };
        ending.Start();
    }

    // Not Environment.Exit, which waits for what others do when the process ends.
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
