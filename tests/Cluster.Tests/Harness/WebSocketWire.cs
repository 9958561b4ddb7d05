using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>
/// A WebSocket client that can do what no decent one would: frames without a mask, halves of frames, bad text,
/// silence. It does nothing on its own, except that it answers pings and closes where <see cref="IsPolite"/>.
/// </summary>
internal sealed class WebSocketWire : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly BufferedStream _reader;
    private readonly SemaphoreSlim _writing = new(1);
    private bool _closeSent;

    private WebSocketWire(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new BufferedStream(_stream, 64 * 1024);
    }

    /// <summary>Whether a ping or a close that is read is answered.</summary>
    public bool IsPolite { get; set; } = true;

    /// <summary>The HTTP status that the server answered with; 101 where the WebSocket is open.</summary>
    public int Status { get; private set; }

    /// <summary>The answer's headers, as they came.</summary>
    public string Headers { get; private set; } = string.Empty;

    /// <summary>Opens a WebSocket.</summary>
    /// <param name="port">On the loopback interface.</param>
    /// <param name="path">The path with its query.</param>
    /// <param name="headers">Further headers, each with its line's end.</param>
    /// <param name="receiveBuffer">The socket's receive buffer; 0 for the system's choice.</param>
    /// <exception cref="IOException">The server did not answer with 101.</exception>
    public static Task<WebSocketWire> ConnectAsync(int port, string path = "/ws", string headers = "", int receiveBuffer = 0)
        => ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), path, headers, receiveBuffer);

    /// <summary>Opens a WebSocket anywhere.</summary>
    /// <exception cref="IOException">The server did not answer with 101.</exception>
    public static async Task<WebSocketWire> ConnectAsync(IPEndPoint address, string path = "/ws", string headers = "", int receiveBuffer = 0)
    {
        var wire = await TryConnectAsync(address, path, headers, receiveBuffer);
        if (wire.Status == 101)
            return wire;
        await wire.DisposeAsync();
        throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The upgrade was answered with {wire.Status}."));
    }

    /// <summary>Asks for a WebSocket; <see cref="Status"/> tells whether there is one.</summary>
    public static Task<WebSocketWire> TryConnectAsync(int port, string path = "/ws", string headers = "", int receiveBuffer = 0)
        => TryConnectAsync(new IPEndPoint(IPAddress.Loopback, port), path, headers, receiveBuffer);

    /// <summary>Opens a TCP connection and says nothing.</summary>
    public static Task<WebSocketWire> OpenAsync(int port, int receiveBuffer = 0) => OpenAsync(new IPEndPoint(IPAddress.Loopback, port), receiveBuffer);

    private static async Task<WebSocketWire> TryConnectAsync(IPEndPoint address, string path, string headers, int receiveBuffer)
    {
        var wire = await OpenAsync(address, receiveBuffer);
        try
        {
            var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
            await wire.SendRawAsync(Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{headers}\r\n"));
            wire.Headers = await wire.ReadHeadersAsync().Within("the answer to an upgrade");
            wire.Status = int.Parse(wire.Headers.AsSpan(9, 3), CultureInfo.InvariantCulture);
            return wire;
        }
        catch
        {
            await wire.DisposeAsync();
            throw;
        }
    }

    private static async Task<WebSocketWire> OpenAsync(IPEndPoint address, int receiveBuffer)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (receiveBuffer > 0)
                socket.ReceiveBufferSize = receiveBuffer;
            await socket.ConnectAsync(address);
            return new WebSocketWire(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of a frame.</summary>
    /// <param name="opcode">Any.</param>
    /// <param name="payload">Any length; the header takes the shortest form.</param>
    /// <param name="final">Whether the message ends with it.</param>
    /// <param name="masked">As RFC 6455 demands of clients.</param>
    /// <param name="reserved">The reserved bits, 0x10 to 0x70.</param>
    public static byte[] Frame(byte opcode, ReadOnlySpan<byte> payload, bool final = true, bool masked = true, byte reserved = 0)
    {
        var extended = payload.Length < 126 ? 0 : payload.Length <= ushort.MaxValue ? 2 : 8;
        var frame = new byte[2 + extended + (masked ? 4 : 0) + payload.Length];
        frame[0] = (byte)((final ? 0x80 : 0) | reserved | opcode);
        frame[1] = (byte)((masked ? 0x80 : 0) | extended switch { 0 => payload.Length, 2 => 126, _ => 127 });
        if (extended == 2)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        else if (extended == 8)
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), payload.Length);

        var body = frame.AsSpan(frame.Length - payload.Length);
        payload.CopyTo(body);
        if (masked)
        {
            Span<byte> key = frame.AsSpan(2 + extended, 4);
            RandomNumberGenerator.Fill(key);
            for (var i = 0; i < body.Length; i++)
                body[i] ^= key[i & 3];
        }

        return frame;
    }

    public Task SendTextAsync(string text) => SendRawAsync(Frame(WireFrame.TextFrame, Encoding.UTF8.GetBytes(text)));

    public Task SendCloseAsync(ushort code)
    {
        _closeSent = true;
        var payload = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, code);
        return SendRawAsync(Frame(WireFrame.CloseFrame, payload));
    }

    /// <summary>Writes bytes as they are.</summary>
    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
    {
        await _writing.WaitAsync();
        try
        {
            await _stream.WriteAsync(bytes);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The next frame, whatever it is; null at the end of the stream.</summary>
    /// <exception cref="IOException">The connection was reset.</exception>
    public async Task<WireFrame?> ReadAsync()
    {
        try
        {
            return await ReadFrameAsync();
        }
        catch (NotSupportedException error)
        {
            // So a buffered stream puts it when the one below was disposed of by another thread.
            throw new IOException("The connection is closed on this side.", error);
        }
    }

    /// <summary>The next text frame; fails at a close.</summary>
    public async Task<string> ReadTextAsync()
    {
        while (await ReadAsync().Within("a text frame") is { } frame)
        {
            if (frame.Opcode == WireFrame.TextFrame)
                return frame.Text;
            if (frame.Opcode == WireFrame.CloseFrame)
                throw new IOException($"Closed with {frame.CloseCode}: {frame.CloseReason}");
        }

        throw new IOException("The stream ended.");
    }

    /// <summary>Reads on to the close frame and returns its code; -1 where the stream ends without one.</summary>
    public async Task<int> ReadCloseAsync(TimeSpan? limit = null)
    {
        return await ReadAsync().Within("a close frame", limit);

        async Task<int> ReadAsync()
        {
            try
            {
                while (await this.ReadAsync() is { } frame)
                {
                    if (frame.Opcode == WireFrame.CloseFrame)
                        return frame.CloseCode;
                }
            }
            catch (IOException)
            {
                // Reset.
            }

            return -1;
        }
    }

    /// <summary>Cuts the connection with a reset, as a machine that lost power would seem to; nothing where it is closed already.</summary>
    public void Reset()
    {
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (ObjectDisposedException)
        {
            // Whoever reads from it has just found that it ended.
            return;
        }

        _socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _writing.Dispose();
    }

    private async Task<WireFrame?> ReadFrameAsync()
    {
        var header = new byte[2];
        if (await _reader.ReadAtLeastAsync(header, 2, throwOnEndOfStream: false) < 2)
            return null;
        long length = header[1] & 0x7F;
        if (length >= 126)
        {
            var extended = new byte[length == 126 ? 2 : 8];
            await _reader.ReadExactlyAsync(extended);
            length = extended.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(extended) : BinaryPrimitives.ReadInt64BigEndian(extended);
        }

        var payload = new byte[length];
        await _reader.ReadExactlyAsync(payload);
        var frame = new WireFrame((byte)(header[0] & 0x0F), payload);
        if (frame.Opcode == WireFrame.Ping && IsPolite)
            await SendRawAsync(Frame(WireFrame.Pong, payload));
        else if (frame.Opcode == WireFrame.CloseFrame && IsPolite && !_closeSent)
            await AnswerCloseAsync(payload);
        return frame;
    }

    private async Task AnswerCloseAsync(byte[] payload)
    {
        try
        {
            await SendRawAsync(Frame(WireFrame.CloseFrame, payload.AsSpan(0, Math.Min(2, payload.Length))));
        }
        catch (IOException)
        {
            // The server did not wait for it.
        }
    }

    private async Task<string> ReadHeadersAsync()
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (bytes.Count < 4 || !bytes[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await _reader.ReadAsync(one) == 0)
                throw new IOException("The connection was closed before the answer to an upgrade.");
            bytes.Add(one[0]);
        }

        return Encoding.ASCII.GetString([.. bytes]);
    }
}
