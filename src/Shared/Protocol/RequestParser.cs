using System.Text.Json;
using System.Text.Unicode;

namespace ClusterChat.Protocol;

/// <summary>Reads requests. Stateless: one instance may serve all connections at once.</summary>
/// <param name="limits">The sizes to enforce.</param>
public sealed class RequestParser(ProtocolLimits limits)
{
    /// <summary>
    /// Takes the next line off a frame. Lines of nothing but white space are skipped.
    /// </summary>
    /// <param name="frame">What is left of the frame; advanced past the line.</param>
    /// <param name="line">The line without its end.</param>
    /// <returns>False where there is no further line.</returns>
    public static bool TryReadLine(ref ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> line)
    {
        while (!frame.IsEmpty)
        {
            var end = frame.IndexOf((byte)'\n');
            line = end < 0 ? frame : frame[..end];
            frame = end < 0 ? default : frame[(end + 1)..];
            if (line.ContainsAnyExcept((byte)' ', (byte)'\t', (byte)'\r'))
                return true;
        }

        line = default;
        return false;
    }

    /// <summary>Reads one line, which is one JSON object. Never throws, whatever the bytes are.</summary>
    public ParsedRequest Parse(ReadOnlySpan<byte> line) => Parse(line, null);

    /// <summary>
    /// Reads the body of an HTTP send: the fields of <c>send</c> without <c>t</c> and <c>room</c>. Where it has no
    /// <c>mid</c>, that of the request is empty. Never throws.
    /// </summary>
    public ParsedRequest ParseSend(string room, ReadOnlySpan<byte> body) => Parse(body, room);

    private ParsedRequest Parse(ReadOnlySpan<byte> line, string? room)
    {
        if (line.Length > limits.MaxFrameBytes)
            return Fatal("the frame is too long");
        if (!Utf8.IsValid(line))
            return Fatal("the frame is not valid UTF-8");

        var scanner = default(RequestScanner);
        try
        {
            if (!scanner.Scan(line, limits.MaxDepth))
                return Fatal("not a JSON object");
        }
        catch (JsonException)
        {
            return Fatal("not one JSON object a line, or nested too deep");
        }

        return RequestReader.Read(line, ref scanner, limits, room);
    }

    private static ParsedRequest Fatal(string message) =>
        new(null, new ProtocolError(ErrorCode.BadRequest, message), null, Fatal: true);
}
