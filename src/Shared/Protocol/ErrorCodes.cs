namespace ClusterChat.Protocol;

/// <summary>What the protocol says of each <see cref="ErrorCode"/>.</summary>
public static class ErrorCodes
{
    /// <summary>
    /// A temporary refusal of a room that says to try again after so many milliseconds or more will last: a gateway tells its client at once, and does not try on by
    /// itself.
    /// </summary>
    public const int LastingRetryMs = 1000;

    /// <summary>The code on the wire, such as <c>bad_request</c>.</summary>
    public static string Name(ErrorCode code) => code switch
    {
        ErrorCode.BadRequest => "bad_request",
        ErrorCode.UnknownType => "unknown_type",
        ErrorCode.TooLong => "too_long",
        ErrorCode.BadRoom => "bad_room",
        ErrorCode.BadName => "bad_name",
        ErrorCode.NameTaken => "name_taken",
        ErrorCode.NotJoined => "not_joined",
        ErrorCode.NotFound => "not_found",
        ErrorCode.Forbidden => "forbidden",
        ErrorCode.Banned => "banned",
        ErrorCode.Muted => "muted",
        ErrorCode.RoomLimit => "room_limit",
        ErrorCode.RateLimited => "rate_limited",
        ErrorCode.Busy => "busy",
        ErrorCode.Unavailable => "unavailable",
        ErrorCode.LogChanged => "log_changed",
        ErrorCode.Unauthorized => "unauthorized",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Not an error code."),
    };

    /// <summary>
    /// Whether the client should send the very same request again, whatever the case. The outcome of the first is unknown. See also
    /// <see cref="ProtocolError.IsTemporary"/>.
    /// </summary>
    public static bool IsTemporary(ErrorCode code) =>
        code is ErrorCode.RateLimited or ErrorCode.Busy or ErrorCode.Unavailable;
}
