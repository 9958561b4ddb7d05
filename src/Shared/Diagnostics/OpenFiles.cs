using System.Globalization;

namespace ClusterChat.Diagnostics;

/// <summary>Files and sockets of this process, as Linux counts them; elsewhere there is no telling.</summary>
public static class OpenFiles
{
    private const string Folder = "/proc/self/fd";

    /// <summary>How many there may be: the soft limit, which the runtime has raised to the hard one. Null where there is none.</summary>
    public static int? Limit { get; } = Directory.Exists(Folder) ? Parse(File.ReadLines("/proc/self/limits")) : null;

    /// <summary>How many are open now; null where there is no telling.</summary>
    public static int? Count => Directory.Exists(Folder) ? Directory.EnumerateFileSystemEntries(Folder).Count() : null;

    /// <returns>Null where there is no limit.</returns>
    internal static int? Parse(IEnumerable<string> limits)
    {
        const string Name = "Max open files";
        var line = limits.FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
        var soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : null;
    }
}
