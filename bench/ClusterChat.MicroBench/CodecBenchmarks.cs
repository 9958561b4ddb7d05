using System.Text;
using BenchmarkDotNet.Attributes;
using ClusterChat.Protocol;

namespace ClusterChat.MicroBench;

/// <summary>A request in, the event and the ack out.</summary>
public class CodecBenchmarks
{
    private const string Text = "@123456789012345 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    private static readonly byte[] Send = Encoding.UTF8.GetBytes($$"""{"id":9,"t":"send","room":"lobby","mid":"lobby-123456","text":"{{Text}}"}""");

    private readonly RequestParser _parser = new(ProtocolLimits.Default);

    [Benchmark]
    public ParsedRequest ParseSend() => _parser.Parse(Send);

    [Benchmark]
    public byte[] EncodeEvent() => ServerMessages.MessageEvent("lobby", 123456, "lobby-123456", "ann", "g:ann", 1_700_000_000_000, Text, reply: null, data: default);

    [Benchmark]
    public byte[] EncodeAck() => ServerMessages.Ack(9, "lobby", "lobby-123456", 123456, 1_700_000_000_000, dup: false);
}
