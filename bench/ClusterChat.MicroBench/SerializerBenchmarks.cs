using BenchmarkDotNet.Attributes;
using ClusterChat.Cluster;
using ClusterChat.Messages;

namespace ClusterChat.MicroBench;

/// <summary>
/// Messages between nodes out and in: a write, committed events with 1 and 50 lines of 150 bytes, and a page of 200.
/// </summary>
public class SerializerBenchmarks
{
    private const string Self = "node-1/abcdef";

    private readonly ChatMessageSerializer _serializer = new(null!);
    private object _message = null!;
    private string _manifest = "";
    private byte[] _body = [];

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
        _manifest = _serializer.Manifest(_message);
        _body = _serializer.ToBinary(_message);
    }

    [Benchmark]
    public byte[] ToBinary() => _serializer.ToBinary(_message);

    [Benchmark]
    public object FromBinary() => _serializer.FromBinary(_body, _manifest);

    private static ReadOnlyMemory<byte>[] Lines(int count) => [.. Enumerable.Range(0, count).Select(_ => (ReadOnlyMemory<byte>)new byte[150])];
}
