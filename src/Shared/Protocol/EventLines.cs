using System.Text.Json;

namespace ClusterChat.Protocol;

/// <summary>Reads canonical event lines back, for clients that do not speak JSON.</summary>
public static class EventLines
{
    /// <summary>Reads the author and the text of a message.</summary>
    /// <returns>False for other kinds of events, for messages that were deleted, and for what is not an event line.</returns>
    public static bool TryReadMessage(ReadOnlySpan<byte> line, out string from, out string text)
    {
        (from, text) = ("", "");
        if (!line.StartsWith("{\"t\":\"msg\","u8))
            return false;
        try
        {
            return ReadMembers(line, out from, out text);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not valid UTF-8, or of another type.
            (from, text) = ("", "");
            return false;
        }
    }

    /// <summary>The line of plain mode: see <see cref="PlainLines.Message"/>.</summary>
    public static byte[] PlainText(string from, string text) => PlainLines.Message(from, text);

    private static bool ReadMembers(ReadOnlySpan<byte> line, out string from, out string text)
    {
        string? author = null, body = null;
        var deleted = false;
        var reader = new Utf8JsonReader(line);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("from"u8))
            {
                reader.Read();
                author = reader.GetString();
            }
            else if (reader.ValueTextEquals("text"u8))
            {
                reader.Read();
                body = reader.GetString();
            }
            else if (reader.ValueTextEquals("deleted"u8))
            {
                reader.Read();
                deleted = reader.GetBoolean();
            }
            else
            {
                reader.Skip();
            }
        }

        var readable = author is not null && body is not null && !deleted;
        (from, text) = readable ? (author!, body!) : ("", "");
        return readable;
    }
}
