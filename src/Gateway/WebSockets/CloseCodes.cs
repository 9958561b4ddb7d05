namespace ClusterChat.Gateway.WebSockets;

/// <summary>Close codes of RFC 6455, section 7.4, and of IANA's registry.</summary>
internal static class CloseCodes
{
    /// <summary>Stands for a close frame without a code; it is never on the wire.</summary>
    public const ushort None = 1005;

    /// <summary>
    /// Whether a client that closes so takes its leave: with 1000, or with no code. A page that is left or loaded again says 1001 by itself, and
    /// who means to come back says anything else.
    /// </summary>
    public static bool IsLeave(ushort code) => code is 1000 or None;

    /// <summary>
    /// Whether a client may send the code: 1000-1003, 1007-1014 and 3000-4999. 1004 and 1016-2999 are reserved;
    /// 1005, 1006 and 1015 are for local use only.
    /// </summary>
    public static bool MayBeReceived(ushort code)
        => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
