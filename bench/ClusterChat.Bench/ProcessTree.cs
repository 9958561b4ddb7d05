using System.Globalization;

namespace ClusterChat.Bench;

/// <summary>The CPU time of a process and its children, also of those that have ended.</summary>
internal static class ProcessTree
{
    // USER_HZ, which is 100 on all of Linux's usual platforms.
    private const int TicksPerSecond = 100;

    // Counted from the state, which comes after the name in parentheses.
    private const int Parent = 1, User = 11, System = 12, WaitedUser = 13, WaitedSystem = 14;

    public static TimeSpan CpuTime(int root)
    {
        long ticks = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) || Read(folder) is not { } fields)
            {
                continue;
            }

            if (pid == root)
            {
                ticks += fields[User] + fields[System] + fields[WaitedUser] + fields[WaitedSystem];
            }
            else if (fields[Parent] == root)
            {
                ticks += fields[User] + fields[System];
            }
        }

        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    private static long[]? Read(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return [.. stat[(stat.LastIndexOf(')') + 2)..].Split(' ').Take(WaitedSystem + 1).Select((field, i) => i == 0 ? 0 : long.Parse(field, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }
}
