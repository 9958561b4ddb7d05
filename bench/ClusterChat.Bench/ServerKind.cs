namespace ClusterChat.Bench;

/// <summary>What is measured.</summary>
internal enum ServerKind
{
    ClusterChat,

    /// <summary>The bound: <c>bench/bare/broadcaster.c</c>.</summary>
    Bare,

    /// <summary>The same, with one system call for each delivery.</summary>
    BareEach,

    /// <summary>ASP.NET Core, <c>WebSocket.SendAsync</c> to one member after the other.</summary>
    SendAsync,

    /// <summary>SignalR's groups.</summary>
    SignalR,

    /// <summary>The <c>nats-server</c> that is installed, over its WebSocket listener: a subject for each room.</summary>
    Nats,
}
