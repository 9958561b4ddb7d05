using System.Text.Json;

namespace ClusterChat.Protocol;

/// <summary>The fields that any request knows. Others are skipped.</summary>
internal enum RequestField
{
    Unknown = -1,
    Type,
    Id,
    Room,
    Name,
    Session,
    Token,
    Since,
    Limit,
    Mid,
    Text,
    Reply,
    Data,
    Before,
    After,
    Prefix,
    Log,
    Seq,
    Count,
}

internal static class RequestFields
{
    // A known name is at most 7 characters, and each may be written as an escape of 6 bytes.
    private const int LongestEscapedName = 7 * 6;

    public static RequestField Find(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return Find(reader.ValueSpan);
        if (reader.ValueSpan.Length > LongestEscapedName)
            return RequestField.Unknown;
        Span<byte> name = stackalloc byte[LongestEscapedName];
        return Find(name[..reader.CopyString(name)]);
    }

    public static string Name(RequestField field) => field switch
    {
        RequestField.Type => "t",
        RequestField.Id => "id",
        RequestField.Room => "room",
        RequestField.Name => "name",
        RequestField.Session => "session",
        RequestField.Token => "token",
        RequestField.Since => "since",
        RequestField.Limit => "limit",
        RequestField.Mid => "mid",
        RequestField.Text => "text",
        RequestField.Reply => "reply",
        RequestField.Data => "data",
        RequestField.Before => "before",
        RequestField.After => "after",
        RequestField.Prefix => "prefix",
        RequestField.Log => "log",
        RequestField.Seq => "seq",
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "Not a field."),
    };

    private static RequestField Find(ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 1 when name[0] == 't':
                return RequestField.Type;
            case 2 when name.SequenceEqual("id"u8):
                return RequestField.Id;
            case 3:
                if (name.SequenceEqual("mid"u8))
                    return RequestField.Mid;
                if (name.SequenceEqual("log"u8))
                    return RequestField.Log;
                return name.SequenceEqual("seq"u8) ? RequestField.Seq : RequestField.Unknown;
            case 4:
                if (name.SequenceEqual("room"u8))
                    return RequestField.Room;
                if (name.SequenceEqual("text"u8))
                    return RequestField.Text;
                if (name.SequenceEqual("data"u8))
                    return RequestField.Data;
                return name.SequenceEqual("name"u8) ? RequestField.Name : RequestField.Unknown;
            case 5:
                if (name.SequenceEqual("reply"u8))
                    return RequestField.Reply;
                if (name.SequenceEqual("limit"u8))
                    return RequestField.Limit;
                if (name.SequenceEqual("since"u8))
                    return RequestField.Since;
                if (name.SequenceEqual("after"u8))
                    return RequestField.After;
                return name.SequenceEqual("token"u8) ? RequestField.Token : RequestField.Unknown;
            case 6:
                if (name.SequenceEqual("before"u8))
                    return RequestField.Before;
                return name.SequenceEqual("prefix"u8) ? RequestField.Prefix : RequestField.Unknown;
            case 7 when name.SequenceEqual("session"u8):
                return RequestField.Session;
            default:
                return RequestField.Unknown;
        }
    }
}
