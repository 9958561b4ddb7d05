namespace ClusterChat.Protocol;

/// <summary>Why a request was refused. <see cref="ErrorCodes"/> has the names on the wire.</summary>
public enum ErrorCode
{
    /// <summary>A field is missing, of the wrong type or out of range.</summary>
    BadRequest,

    /// <summary>There is no such request in this version.</summary>
    UnknownType,

    /// <summary>The text or the data is over its limit.</summary>
    TooLong,

    /// <summary>Not a name that a room can have.</summary>
    BadRoom,

    /// <summary>Not a name that a user can have.</summary>
    BadName,

    /// <summary>Another user is in the room under this name.</summary>
    NameTaken,

    /// <summary>The connection has not joined the room.</summary>
    NotJoined,

    /// <summary>The request names something that does not exist.</summary>
    NotFound,

    /// <summary>The user may not do this.</summary>
    Forbidden,

    /// <summary>The user may not join the room.</summary>
    Banned,

    /// <summary>The user may not write to the room.</summary>
    Muted,

    /// <summary>The connection has joined as many rooms as it may.</summary>
    RoomLimit,

    /// <summary>Too many requests in a short time.</summary>
    RateLimited,

    /// <summary>The server has no room for the request right now.</summary>
    Busy,

    /// <summary>The room cannot be reached, or did not answer in time: the outcome is unknown.</summary>
    Unavailable,

    /// <summary>HTTP only: the position belongs to another log than the room's.</summary>
    LogChanged,

    /// <summary>HTTP only: no token, or not one that this server accepts. A WebSocket is closed with 3500 instead.</summary>
    Unauthorized,
}
