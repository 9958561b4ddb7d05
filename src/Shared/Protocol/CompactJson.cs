using System.Text.Json;

namespace ClusterChat.Protocol;

/// <summary>JSON without white space between its tokens.</summary>
internal static class CompactJson
{
    /// <summary>
    /// Writes a value anew from its tokens. Strings and numbers keep the spelling that the reader accepted, so the
    /// result is never longer, cannot hold a line end, and loses no digit of a number.
    /// </summary>
    public static byte[] Rewrite(ReadOnlySpan<byte> json, int maxDepth)
    {
        var result = new byte[json.Length];
        var length = 0;
        var separate = false;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            var token = reader.TokenType;
            var ends = token is JsonTokenType.EndObject or JsonTokenType.EndArray;
            if (separate && !ends)
                result[length++] = (byte)',';
            separate = token is not (JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.PropertyName);

            var isString = token is JsonTokenType.String or JsonTokenType.PropertyName;
            if (isString)
                result[length++] = (byte)'"';
            reader.ValueSpan.CopyTo(result.AsSpan(length));
            length += reader.ValueSpan.Length;
            if (isString)
                result[length++] = (byte)'"';
            if (token == JsonTokenType.PropertyName)
                result[length++] = (byte)':';
        }

        return length == result.Length ? result : result[..length];
    }
}
