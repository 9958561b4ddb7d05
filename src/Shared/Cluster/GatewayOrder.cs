namespace ClusterChat.Cluster;

/// <summary>What an operator wants of a gateway.</summary>
public abstract record GatewayOrder;

/// <summary>End all connections of a user.</summary>
/// <param name="User">The identity; for guests also the name.</param>
public sealed record DisconnectUser(string User) : GatewayOrder;

/// <summary>Show a text to everybody.</summary>
/// <param name="Text">The text.</param>
public sealed record SendNotice(string Text) : GatewayOrder;

/// <summary>List connections, in the order of their numbers.</summary>
/// <param name="User">Only those of this user; null for all.</param>
/// <param name="Room">Only those in this room; null for all.</param>
/// <param name="After">Only those with higher numbers.</param>
/// <param name="Limit">How many at most.</param>
public sealed record ListConnections(string? User, string? Room, long After, int Limit) : GatewayOrder;

/// <summary>
/// Read who is kept out, and end the connections of those who are. It carries no list: what counts is what the store has when the order is carried out.
/// </summary>
public sealed record ApplyBlocks : GatewayOrder;

/// <summary>What came of an order.</summary>
/// <param name="Count">How many connections it met.</param>
/// <param name="Lines">One JSON object a connection, where they were asked for.</param>
/// <param name="More">Whether others follow.</param>
public sealed record GatewayReport(int Count, IReadOnlyList<ReadOnlyMemory<byte>> Lines, bool More)
{
    /// <summary>Nothing was met.</summary>
    public static readonly GatewayReport None = new(0, [], false);
}
