namespace ClusterChat.Protocol;

/// <summary>
/// Why a connection ended: the one enum that feeds the close code, the log and the metric. The numbers are close
/// codes; those from 3000 tell a client to reconnect, those from 3500 not to.
/// </summary>
public enum CloseReason
{
    /// <summary>The client is done.</summary>
    Normal = 1000,

    /// <summary>The page was left.</summary>
    GoingAway = 1001,

    /// <summary>The gateway is going away.</summary>
    Shutdown = 3001,

    /// <summary>The outbound queue was full.</summary>
    Slow = 3008,

    /// <summary>No sign of life for two ping intervals.</summary>
    NoPong = 3012,

    /// <summary>Far over the rate limit.</summary>
    Rate = 3013,

    /// <summary>No <c>hello</c>, or not one that this server accepts.</summary>
    Unauthorized = 3500,

    /// <summary>Not this protocol: a binary frame, invalid UTF-8 or JSON, nested too deep, too large.</summary>
    BadRequest = 3501,

    /// <summary>An administrator ended it.</summary>
    Disconnected = 3503,

    /// <summary>More connections than are allowed.</summary>
    ConnectionLimit = 3504,
}
