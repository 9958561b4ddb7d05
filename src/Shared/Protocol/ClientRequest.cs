namespace ClusterChat.Protocol;

/// <summary>
/// A request that keeps the rules of the protocol: names, sizes and ranges have been checked. Whether it is
/// allowed is for others to say.
/// </summary>
/// <param name="Id">The client's number for it, 1 to 2^53-1, which the reply carries; null where it has none.</param>
public abstract record ClientRequest(long? Id);

/// <summary>Who the client is; first on every connection.</summary>
/// <param name="Id">The client's number for the request.</param>
/// <param name="Name">The name that a guest wishes to be shown by.</param>
/// <param name="Session">The opaque session of an earlier welcome, unchecked.</param>
/// <param name="Token">A JWT, unchecked.</param>
public sealed record HelloRequest(long? Id, string? Name, string? Session, string? Token) : ClientRequest(Id);

/// <summary>Start the room's live events, after a page of its history.</summary>
/// <param name="Id">The client's number for the request.</param>
/// <param name="Room">The room's name.</param>
/// <param name="Since">Where to resume; null for a fresh join.</param>
/// <param name="Limit">How many of the newest events a fresh join wants, 0 to 200.</param>
public sealed record JoinRequest(long? Id, string Room, Position? Since, int Limit) : ClientRequest(Id);

/// <summary>Stop the room's live events.</summary>
/// <param name="Id">The client's number for the request.</param>
/// <param name="Room">The room's name.</param>
public sealed record LeaveRequest(long? Id, string Room) : ClientRequest(Id);

/// <summary>Write a message.</summary>
/// <param name="Id">The client's number for the request.</param>
/// <param name="Room">The room's name.</param>
/// <param name="Mid">The client's own id of the write.</param>
/// <param name="Text">The text; empty only where there is <paramref name="Data"/>.</param>
/// <param name="Reply">The number of the message that it answers.</param>
/// <param name="Data">A JSON object in compact UTF-8, checked token by token and free to be stored; empty where there is none.</param>
public sealed record SendRequest(long? Id, string Room, string Mid, string Text, long? Reply, ReadOnlyMemory<byte> Data) : ClientRequest(Id);

/// <summary>A page of older events.</summary>
/// <param name="Id">The client's number for the request.</param>
/// <param name="Room">The room's name.</param>
/// <param name="Before">Only events with a lower number; <see cref="long.MaxValue"/> for the newest.</param>
/// <param name="Limit">How many at most, 1 to 200.</param>
public sealed record HistoryRequest(long? Id, string Room, long Before, int Limit) : ClientRequest(Id);

/// <summary>A page of the names of those who are in the room.</summary>
/// <param name="Id">The client's number for the request.</param>
/// <param name="Room">The room's name.</param>
/// <param name="After">Only names that sort after this one; empty for the first page.</param>
/// <param name="Limit">How many at most.</param>
public sealed record MembersRequest(long? Id, string Room, string After, int Limit) : ClientRequest(Id);

/// <summary>A page of the list of rooms.</summary>
/// <param name="Id">The client's number for the request.</param>
/// <param name="Prefix">Only rooms whose names begin so; empty for all.</param>
/// <param name="After">Only rooms that sort after this one; empty for the first page.</param>
/// <param name="Limit">How many at most, 1 to 200.</param>
public sealed record RoomsRequest(long? Id, string Prefix, string After, int Limit) : ClientRequest(Id);

/// <summary>The user is typing. Has no reply.</summary>
/// <param name="Id">The client's number for the request.</param>
/// <param name="Room">The room's name.</param>
public sealed record TypingRequest(long? Id, string Room) : ClientRequest(Id);

/// <summary>Asks for a sign of life.</summary>
/// <param name="Id">The client's number for the request.</param>
public sealed record PingRequest(long? Id) : ClientRequest(Id);
