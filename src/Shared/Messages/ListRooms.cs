namespace ClusterChat.Messages;

/// <summary>
/// Asks a node for its share of the list of rooms, in ordinal order of their UTF-8 names. Answered with
/// <see cref="RoomsListed"/> under the same request number.
/// </summary>
/// <param name="Request">The sender's number of this request.</param>
/// <param name="Prefix">Only rooms whose names begin with it; empty for all.</param>
/// <param name="After">Only rooms behind this name; empty for all.</param>
/// <param name="Limit">How many at most.</param>
public sealed record ListRooms(long Request, string Prefix, string After, int Limit) : INodeMessage;
