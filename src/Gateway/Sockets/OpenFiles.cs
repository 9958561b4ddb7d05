using System.Globalization;

namespace ClusterChat.Gateway.Sockets;

/// <summary>
/// How many sockets this process may have open for clients. A node whose last descriptor is taken cannot load a library or
/// open its journal any more, and dies of it; so clients get what the rest does not need.
/// </summary>
public static class OpenFiles
{
    // For files and links that are opened later: libraries, readers of the journal, other nodes, the log.
    private const int Reserve = 128;

    // So that those who are one too many hear it from the web server, instead of waiting before its door.
    private const int ForAnswers = 64;

    /// <summary>What the process may have open at once; <see cref="int.MaxValue"/> where there is no telling.</summary>
    public static int Limit { get; } = ReadLimit();

    /// <summary>Clients' sockets of all kinds, at most.</summary>
    public static int ForClients { get; } = Limit == int.MaxValue ? Limit : Math.Max(2 * ForAnswers, Limit - Directory.GetFileSystemEntries("/proc/self/fd").Length - Reserve);

    /// <summary>WebSockets and streams of events, at most.</summary>
    public static int ForConnections => ForClients - ForAnswers;

    private static int ReadLimit()
    {
        // The runtime has raised the soft limit to the hard one.
        const string name = "Max open files";
        var line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) : null;
        return int.TryParse(line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture, out var limit)
            ? limit
            : int.MaxValue;
    }
}
