using System.Buffers;
using BenchmarkDotNet.Attributes;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Codec;
using ClusterChat.Messages;

namespace ClusterChat.MicroBench;

/// <summary>
/// Messages between nodes out and in: committed events with 1 and 50 lines of 150 bytes, and a write. Beside it the same by the
/// codec of the links, each message in a frame of its own.
/// </summary>
public class SerializerBenchmarks
{
    private const int MaxFrameBytes = 1 << 20;
    private const string Self = "node-1/abcdef";

    private readonly ChatMessageSerializer _serializer = new(null!);
    private readonly FrameWriter _frames = new(Self, MaxFrameBytes);
    private object _message = null!;
    private LinkMessage _link = null!;
    private string _manifest = "";
    private byte[] _body = [];
    private byte[] _frame = [];

    [Params("Write", "Events1", "Events50", "Page200")]
    public string Message { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _message = Message switch
        {
            "Write" => new Write(
                "lobby", Self, 7, 123456, 123455, new Member("github|1234567", "ann"), false, "lobby-123456",
                new MessageContent(new string('x', 64), null, default)),
            "Page200" => new EventPage("lobby", 7, 9, "0123456789abcdef", 1, Lines(200), 200, true, true, 5, null),
            _ => new EventsCommitted("lobby", 7, 123456, Lines(Message == "Events1" ? 1 : 50)),
        };
        _link = _message is ToRoom to ? new ToRoomLink(1, to) : new FromRoomLink((FromRoom)_message);
        _manifest = _serializer.Manifest(_message);
        _body = _serializer.ToBinary(_message);
        _frame = WriteFrame().ToArray();
    }

    [Benchmark]
    public byte[] ToBinary() => _serializer.ToBinary(_message);

    [Benchmark]
    public object FromBinary() => _serializer.FromBinary(_body, _manifest);

    [Benchmark]
    public int LinkOut() => WriteFrame().Length;

    [Benchmark]
    public object LinkIn()
    {
        var sequence = new ReadOnlySequence<byte>(_frame);
        return FrameReader.TryRead(ref sequence, MaxFrameBytes, out var batch)
            ? LinkCodec.Decode(batch.Envelopes[0], Self)!
            : throw new InvalidOperationException("The frame is not complete.");
    }

    private ReadOnlyMemory<byte> WriteFrame()
    {
        _frames.Clear();
        _frames.Add(_link);
        _frames.EndFrame();
        return _frames.Written;
    }

    private static ReadOnlyMemory<byte>[] Lines(int count) => [.. Enumerable.Range(0, count).Select(_ => (ReadOnlyMemory<byte>)new byte[150])];
}
