using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ClusterChat.Siege.Net;

/// <summary>Makes sense of what the node says on one connection: an answer of HTTP, then, where it is 101, frames of a WebSocket.</summary>
internal abstract class Ear
{
    private const int SwitchingProtocols = 101;
    private const byte ContinuationFrame = 0, TextFrame = 1, CloseFrame = 8, PingFrame = 9;

    private byte[] _kept = [];
    private int _length;

    /// <summary>The status of the answer; 0 before it is there.</summary>
    public int Status { get; private set; }

    /// <summary>Takes what has come.</summary>
    public void Hear(ReadOnlySpan<byte> bytes)
    {
        if (_length == 0)
        {
            Keep(bytes[Parse(bytes)..]);
            return;
        }

        Keep(bytes);
        var used = Parse(_kept.AsSpan(0, _length));
        _kept.AsSpan(used, _length - used).CopyTo(_kept);
        _length -= used;
        if (_length == 0)
            _kept = [];
    }

    /// <summary>The answer to the request has begun.</summary>
    protected virtual void OnStatus(int status)
    {
    }

    /// <summary>A part of an answer's body, and of what is around it where it comes in chunks.</summary>
    protected virtual void OnBody(ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>A line of a text frame.</summary>
    protected virtual void OnLine(ReadOnlySpan<byte> line)
    {
    }

    /// <summary>A ping.</summary>
    protected virtual void OnPing(ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>The node closes the WebSocket.</summary>
    protected virtual void OnClose(int code, string reason)
    {
    }

    /// <summary>The field of a line that the node has written, where its value is a string or a number without escapes; empty where there is none.</summary>
    protected static string Field(ReadOnlySpan<byte> line, ReadOnlySpan<byte> nameWithColon)
    {
        var at = line.IndexOf(nameWithColon);
        if (at < 0)
            return string.Empty;
        var value = line[(at + nameWithColon.Length)..].TrimStart((byte)'"');
        var end = value.IndexOfAny("\",}"u8);
        return Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0)
            return;
        if (_kept.Length < _length + bytes.Length)
            Array.Resize(ref _kept, Math.Max(2 * _kept.Length, _length + bytes.Length));
        bytes.CopyTo(_kept.AsSpan(_length));
        _length += bytes.Length;
    }

    private int Parse(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        if (Status == 0)
        {
            var end = bytes.IndexOf("\r\n\r\n"u8);
            if (end < 0)
                return 0;
            Status = int.Parse(bytes[9..12], CultureInfo.InvariantCulture);
            OnStatus(Status);
            used = end + 4;
        }

        if (Status != SwitchingProtocols)
        {
            OnBody(bytes[used..]);
            return bytes.Length;
        }

        while (true)
        {
            var length = TakeFrame(bytes[used..]);
            if (length == 0)
                return used;
            used += length;
        }
    }

    private int TakeFrame(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
            return 0;
        var extended = (bytes[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
        if (bytes.Length < 2 + extended)
            return 0;
        var length = extended switch
        {
            0 => bytes[1] & 0x7F,
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            _ => (int)BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
        };
        var whole = 2 + extended + length;
        if (bytes.Length < whole)
            return 0;
        Take(bytes[0] & 0x0F, bytes.Slice(2 + extended, length));
        return whole;
    }

    private void Take(int opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case TextFrame or ContinuationFrame:
                foreach (var line in payload.Split((byte)'\n'))
                {
                    if (payload[line].Length > 0)
                        OnLine(payload[line]);
                }

                break;
            case PingFrame:
                OnPing(payload);
                break;
            case CloseFrame when payload.Length >= 2:
                OnClose(BinaryPrimitives.ReadUInt16BigEndian(payload), Encoding.UTF8.GetString(payload[2..]));
                break;
        }
    }
}
