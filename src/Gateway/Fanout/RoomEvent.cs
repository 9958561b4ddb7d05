using System.Globalization;
using System.Text;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Fanout;

/// <summary>
/// One committed event on its way to many clients: encoded at most once for each form that a client speaks.
/// </summary>
/// <param name="log">The log that it belongs to.</param>
/// <param name="seq">Its number.</param>
/// <param name="line">Its canonical JSON line.</param>
internal sealed class RoomEvent(string log, long seq, ReadOnlyMemory<byte> line)
{
    // Two threads may encode at once; both get the same bytes.
    private volatile byte[]? _plain;
    private volatile byte[]? _sse;

    /// <summary>The event's number.</summary>
    public long Seq => seq;

    /// <summary>The canonical line.</summary>
    public ReadOnlyMemory<byte> Line => line;

    /// <summary>The line of plain mode; empty for what has none.</summary>
    public ReadOnlyMemory<byte> Plain => _plain ??= EncodePlain(line.Span);

    /// <summary>A whole Server-Sent Event with the position as its id.</summary>
    public ReadOnlyMemory<byte> ServerSent => _sse ??= EncodeServerSent(log, seq, line.Span);

    private static byte[] EncodePlain(ReadOnlySpan<byte> line)
        => EventLines.TryReadMessage(line, out var from, out var text) ? EventLines.PlainText(from, text) : [];

    private static byte[] EncodeServerSent(string log, long seq, ReadOnlySpan<byte> line)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {log}/{seq}\ndata: "));
        return [.. head, .. line, (byte)'\n', (byte)'\n'];
    }
}
