using BenchmarkDotNet.Attributes;
using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.MicroBench;

/// <summary>Text frames of 120 and 1,000 bytes.</summary>
public class FrameBenchmarks
{
    private readonly byte[] _payload = new byte[1000];
    private readonly byte[] _destination = new byte[1024];
    private byte[] _masked = [];
    private FrameReader _reader = new(WebSocketLimits.Default.MaxMessageBytes);

    [Params(120, 1000)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Array.Fill(_payload, (byte)'x');
        var header = FrameWriter.HeaderLength(Bytes);
        _masked = new byte[header + 4 + Bytes];
        FrameWriter.WriteHeader(_masked, Opcode.Text, Bytes);
        _masked[1] |= 0x80;

        // A mask of zeros is applied like any other, and leaves the frame as it is for the next time.
        _payload.AsSpan(0, Bytes).CopyTo(_masked.AsSpan(header + 4));
        _reader = new FrameReader(WebSocketLimits.Default.MaxMessageBytes);
    }

    [GlobalCleanup]
    public void Cleanup() => _reader.Dispose();

    [Benchmark]
    public int Read()
    {
        Memory<byte> input = _masked;
        return _reader.Read(ref input).Payload.Length;
    }

    [Benchmark]
    public int Write()
    {
        var header = FrameWriter.WriteHeader(_destination, Opcode.Text, Bytes);
        _payload.AsSpan(0, Bytes).CopyTo(_destination.AsSpan(header));
        return header + Bytes;
    }
}
