namespace ClusterChat.Protocol;

/// <summary>The sizes that a codec enforces. Lengths are in Unicode code points, sizes in bytes of UTF-8.</summary>
public sealed record ProtocolLimits
{
    /// <summary>The highest integer on the wire, 2^53-1: the last one that every JSON implementation reads exactly.</summary>
    public const long MaxInteger = 9_007_199_254_740_991;

    /// <summary>The limits of the protocol as it is written.</summary>
    public static ProtocolLimits Default { get; } = new();

    // \uXXXX for one byte of ASCII; no other character has more for each of its bytes.
    private const int EscapedBytes = 6;

    // The names of the fields, the room and the mid with all of them escaped, numbers: some 2,000.
    private const int BytesBesides = 4096;

    /// <summary>
    /// The longest frame, and so the longest line: any text within its limit fits, however it is escaped, and any data
    /// beside it, whose escapes count as they stand. So what is within its limits never closes a connection. 116 KiB by
    /// default: protocol, section 2.
    /// </summary>
    public int MaxFrameBytes => (int)Math.Min(int.MaxValue, (EscapedBytes * (long)MaxTextBytes) + MaxDataBytes + BytesBesides);

    /// <summary>The longest text of a message, decoded. 16 KiB: protocol, section 3.</summary>
    public int MaxTextBytes { get; init; } = 16384;

    /// <summary>The longest <c>data</c> of a message in its compact form. As long as a text: protocol, section 3.</summary>
    public int MaxDataBytes { get; init; } = 16384;

    /// <summary>How deep JSON may be nested, the request's own object included. Protocol, section 2.</summary>
    public int MaxDepth { get; init; } = 16;

    /// <summary>The entries of a page (<c>join</c>, <c>history</c>, <c>rooms</c>) unless the request says otherwise. Protocol, section 3.</summary>
    public int DefaultPageSize { get; init; } = 50;

    /// <summary>The most entries that a request may ask for. Protocol, section 3 (<c>join</c>).</summary>
    public int MaxPageSize { get; init; } = 200;

    /// <summary>
    /// The names in a page of <c>members</c>, both the default and the most that may be asked for. 200 is the
    /// size up to which <c>joined</c> carries the members. May be raised to 1000: so many names of 32 characters of
    /// ASCII are 35 KB.
    /// </summary>
    public int MaxMembersPageSize { get; init; } = 200;
}
