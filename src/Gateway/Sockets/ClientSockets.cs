using ClusterChat.Diagnostics;

namespace ClusterChat.Gateway.Sockets;

/// <summary>
/// How many sockets this process may have open for clients. A node whose last descriptor is taken cannot load a library or
/// open its journal any more, and dies of it; so clients get what the rest does not need.
/// </summary>
public static class ClientSockets
{
    // For files and links that are opened later: libraries, readers of the journal, other nodes, the log.
    private const int Reserve = 128;

    // So that those who are one too many hear it from the web server, instead of waiting before its door.
    private const int ForAnswers = 64;

    /// <summary>Sockets of all kinds, at most.</summary>
    public static int Most { get; } = OpenFiles.Limit is { } limit && OpenFiles.Count is { } open ? Math.Max(2 * ForAnswers, limit - open - Reserve) : int.MaxValue;

    /// <summary>WebSockets and streams of events, at most.</summary>
    public static int MostConnections => Most - ForAnswers;
}
