using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClusterChat.Bench;

/// <summary>
/// A WebSocket client that is as cheap as can be: it counts messages and acks in the bytes that come, and looks
/// into no more of them than the time that the publisher put into the text.
/// </summary>
internal sealed class Client : IDisposable
{
    // No message's text begins later.
    private const int LookAhead = 220;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Counters _counters;
    private readonly Dialect _dialect;
    private int _kept;

    public Client(Counters counters, Dialect dialect)
    {
        _counters = counters;
        _dialect = dialect;
    }

    public Dialect Dialect => _dialect;

    /// <summary>Called with the number of acks that came.</summary>
    public Action<int>? Acked { get; set; }

    public async Task ConnectAsync(int port, int number, string room, CancellationToken cancellationToken)
    {
        // Several addresses of loopback, so that ports do not run out.
        _socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(1 + (number / 20_000))]), 0));
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        await SendRawAsync(_dialect.Upgrade(room));
        await ExpectAsync("\r\n\r\n", cancellationToken);
    }

    public async Task JoinAsync(string name, string room, CancellationToken cancellationToken)
    {
        foreach (var (say, expect) in _dialect.Opening(name, room))
        {
            await SendAsync(say);
            await ExpectAsync(expect, cancellationToken);
        }
    }

    public ValueTask<int> SendAsync(string json) => SendRawAsync(Frame(json));

    /// <summary>Counts what comes, until the connection ends.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var count = await _socket.ReceiveAsync(_buffer.AsMemory(_kept), cancellationToken);
                if (count == 0)
                {
                    return;
                }

                Count(_kept + count);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the run.
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Frame(string json)
    {
        var payload = Encoding.UTF8.GetBytes(json);
        var header = payload.Length < 126 ? 6 : 8;
        var frame = new byte[header + payload.Length];
        frame[0] = 0x81;
        if (payload.Length < 126)
        {
            frame[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            frame[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }

        // A mask of zeros: the payload as it is.
        payload.CopyTo(frame, header);
        return frame;
    }

    private void Count(int length)
    {
        var bytes = _buffer.AsSpan(0, length);
        var acks = 0;
        var at = 0;
        while (true)
        {
            var next = bytes[at..].IndexOf(Dialect.AnyMark);
            if (next < 0)
            {
                at = Math.Max(at, length - Dialect.AnyMark.Length + 1);
                break;
            }

            at += next;
            if (length - at < LookAhead && bytes[at..].IndexOf((byte)'}') < 0)
            {
                break;
            }

            at += Take(bytes[at..], ref acks);
        }

        // What may be the beginning of a message is looked at again with what follows.
        bytes[at..].CopyTo(_buffer);
        _kept = length - at;
        if (acks > 0)
        {
            Acked?.Invoke(acks);
        }
    }

    private int Take(ReadOnlySpan<byte> bytes, ref int acks)
    {
        if (bytes.StartsWith(_dialect.MessageMark))
        {
            var text = bytes.IndexOf(_dialect.TextMark);
            long sentAt = 0;
            if (text >= 0 && text < LookAhead)
            {
                foreach (var digit in bytes.Slice(text + _dialect.TextMark.Length, Math.Min(20, bytes.Length - text - _dialect.TextMark.Length)))
                {
                    if (digit is < (byte)'0' or > (byte)'9')
                    {
                        break;
                    }

                    sentAt = (sentAt * 10) + (digit - '0');
                }
            }

            _counters.Delivered(sentAt);
            acks += _dialect.AckMark.Length == 0 ? 1 : 0;
        }
        else if (_dialect.AckMark.Length > 0 && bytes.StartsWith(_dialect.AckMark))
        {
            acks++;
        }
        else if (bytes.StartsWith(Dialect.ErrorMark))
        {
            _counters.Refused();
        }

        return Dialect.AnyMark.Length;
    }

    private async Task ExpectAsync(string mark, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        while (!text.ToString().Contains(mark, StringComparison.Ordinal))
        {
            var count = await _socket.ReceiveAsync(_buffer, cancellationToken);
            if (count == 0)
            {
                throw new IOException($"The server closed before {mark}: {text}");
            }

            text.Append(Encoding.UTF8.GetString(_buffer, 0, count));
        }
    }

    private ValueTask<int> SendRawAsync(byte[] bytes) => _socket.SendAsync(bytes.AsMemory());
}
