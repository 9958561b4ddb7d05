using ClusterChat.Protocol;

namespace ClusterChat.Messages.Codec;

/// <summary>Refusals. The numbers on the wire are those of the schema, whatever the order of the enumeration here.</summary>
internal static class ErrorCodec
{
    public static Wire.Error Encode(ProtocolError error) =>
        new() { Code = Encode(error.Code), Message = error.Message, RetryMs = error.RetryMs };

    public static ProtocolError Decode(Wire.Error? error) =>
        new(Decode(error?.Code ?? Wire.ErrorCode.Unspecified), error?.Message ?? "", error?.RetryMs ?? 0);

    private static Wire.ErrorCode Encode(ErrorCode code) => code switch
    {
        ErrorCode.BadRequest => Wire.ErrorCode.BadRequest,
        ErrorCode.UnknownType => Wire.ErrorCode.UnknownType,
        ErrorCode.TooLong => Wire.ErrorCode.TooLong,
        ErrorCode.BadRoom => Wire.ErrorCode.BadRoom,
        ErrorCode.BadName => Wire.ErrorCode.BadName,
        ErrorCode.NameTaken => Wire.ErrorCode.NameTaken,
        ErrorCode.NotJoined => Wire.ErrorCode.NotJoined,
        ErrorCode.NotFound => Wire.ErrorCode.NotFound,
        ErrorCode.Forbidden => Wire.ErrorCode.Forbidden,
        ErrorCode.Banned => Wire.ErrorCode.Banned,
        ErrorCode.Muted => Wire.ErrorCode.Muted,
        ErrorCode.RoomLimit => Wire.ErrorCode.RoomLimit,
        ErrorCode.RateLimited => Wire.ErrorCode.RateLimited,
        ErrorCode.Busy => Wire.ErrorCode.Busy,
        ErrorCode.Unavailable => Wire.ErrorCode.Unavailable,
        ErrorCode.LogChanged => Wire.ErrorCode.LogChanged,
        ErrorCode.Unauthorized => Wire.ErrorCode.Unauthorized,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Not an error code."),
    };

    // A code of a later version is a refusal all the same: taken for a temporary one it would be repeated for ever.
    private static ErrorCode Decode(Wire.ErrorCode code) => code switch
    {
        Wire.ErrorCode.UnknownType => ErrorCode.UnknownType,
        Wire.ErrorCode.TooLong => ErrorCode.TooLong,
        Wire.ErrorCode.BadRoom => ErrorCode.BadRoom,
        Wire.ErrorCode.BadName => ErrorCode.BadName,
        Wire.ErrorCode.NameTaken => ErrorCode.NameTaken,
        Wire.ErrorCode.NotJoined => ErrorCode.NotJoined,
        Wire.ErrorCode.NotFound => ErrorCode.NotFound,
        Wire.ErrorCode.Forbidden => ErrorCode.Forbidden,
        Wire.ErrorCode.Banned => ErrorCode.Banned,
        Wire.ErrorCode.Muted => ErrorCode.Muted,
        Wire.ErrorCode.RoomLimit => ErrorCode.RoomLimit,
        Wire.ErrorCode.RateLimited => ErrorCode.RateLimited,
        Wire.ErrorCode.Busy => ErrorCode.Busy,
        Wire.ErrorCode.Unavailable => ErrorCode.Unavailable,
        Wire.ErrorCode.LogChanged => ErrorCode.LogChanged,
        Wire.ErrorCode.Unauthorized => ErrorCode.Unauthorized,
        _ => ErrorCode.BadRequest,
    };
}
