using System.Globalization;
using BenchmarkDotNet.Attributes;
using ClusterChat.Cluster;
using ClusterChat.RoomActors.Journal;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.MicroBench;

/// <summary>A room decides the writes that wait, and encodes their events.</summary>
public class DeciderBenchmarks
{
    private const string Room = "lobby";

    private readonly RoomState _state = new(Room, new OpenedRoom(1, "L", 0, 1, []), RoomLimits.For(new RoomOptions(), memory: false));
    private Write[] _writes = [];

    [Params(1, 32)]
    public int Writes { get; set; }

    [GlobalSetup]
    public void Setup() => _writes = [.. Enumerable.Range(0, Writes).Select(NewWrite)];

    [Benchmark]
    public object Decide() => RoomDecider.Decide(_state, _writes, 1_700_000_000_000);

    private static Write NewWrite(int number) => new(
        Room, "gw-1", 1, number, number - 1, new Member("g:0123456789abcdefghijkl", "ann"), Visitor: false,
        "lobby-" + number.ToString(CultureInfo.InvariantCulture), new MessageContent("@123456789012345 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", null, default));
}
