using System.Globalization;
using System.Text;
using ClusterChat.Cluster;
using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.Gateway.Tests.Fanout;

/// <summary>What a broadcast allocates, from the room's message down to the frames on the sockets.</summary>
public sealed class BroadcastAllocationTests
{
    private const string Room = "lobby";
    private const int SmallestObject = 24;

    private static readonly byte[] Line = new byte[150];

    [Fact]
    public void A_broadcast_to_five_hundred_members_allocates_no_more_than_one_to_five()
    {
        var few = BytesPerBroadcast(5);
        var many = BytesPerBroadcast(500);

        // The test's own dispatcher takes a few more steps. One object for each further member would be 495 of them.
        many.ShouldBeLessThan(few + (495 * SmallestObject / 4));
    }

    private static long BytesPerBroadcast(int members)
    {
        const int Rounds = 64;
        using var world = new ConnectionWorld(o => o.BroadcastsPerSecond = 0);
        var wires = new CountingStream[members];
        for (var i = 0; i < members; i++)
        {
            wires[i] = new CountingStream();
            Join(world, wires[i], string.Create(CultureInfo.InvariantCulture, $"u{i}"));
        }

        // Before: the pools fill, lists grow, and the room's recent events come to their number.
        long seq = 0;
        Broadcast(2 * world.Options.RecentEvents);
        var taken = wires.Sum(w => w.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Broadcast(Rounds);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        wires.Sum(w => w.Length).ShouldBe(taken + (Rounds * members * (Line.Length + FrameWriter.HeaderLength(Line.Length))));
        return allocated / Rounds;

        void Broadcast(int times)
        {
            for (var i = 0; i < times; i++)
            {
                world.Cluster.Sink.Deliver(new EventsCommitted(Room, world.Stream(Room), ++seq, [Line]));
                world.Simulation.RunUntilIdle();
            }
        }
    }

    private static void Join(ConnectionWorld world, Stream wire, string name)
    {
        var connection = world.Registry.OpenJson(new WebSocketTransport(wire, () => { }, WebSocketLimits.Default));
        Say($$"""{"id":1,"t":"hello","name":"{{name}}"}""");
        Say($$"""{"id":2,"t":"join","room":"{{Room}}","limit":0}""");

        void Say(string request)
        {
            var handled = connection.ReceiveAsync([Encoding.UTF8.GetBytes(request)]).AsTask();
            world.Run();
            handled.IsCompleted.ShouldBeTrue();
        }
    }

    /// <summary>Takes everything at once and keeps the count.</summary>
    private sealed class CountingStream : Stream
    {
        private long _length;

        public override long Length => _length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _length += buffer.Length;
            return ValueTask.CompletedTask;
        }

        public override void Write(byte[] buffer, int offset, int count) => _length += count;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
