using System.Globalization;

namespace ClusterChat.Bench;

/// <summary>How many files this process, and with it each server that it starts, may have open.</summary>
internal static class OpenFiles
{
    /// <summary>What a .NET process has open besides its connections.</summary>
    private const int Others = 500;

    /// <summary>As many connections as are wanted, or fewer where the limit is lower; then it says so.</summary>
    public static int Admit(int connections)
    {
        var limit = Limit();
        if (connections + Others <= limit)
        {
            return connections;
        }

        Console.WriteLine($"{connections} connections need {connections + Others} open files and the limit is {limit}: measured with {limit - Others} connections. Raise it with 'ulimit -Hn {connections + Others}' as root.");
        Console.WriteLine();
        return limit - Others;
    }

    // The hard one: .NET raises the soft one to it when it starts, and so does the bare broadcaster.
    private static int Limit()
    {
        var fields = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return int.TryParse(fields[4], CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
    }
}
