using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.WebSockets;
using ClusterChat.TestKit;
using static ClusterChat.Gateway.Tests.WebSockets.ClientFrames;

namespace ClusterChat.Gateway.Tests.WebSockets;

/// <summary>What a WebSocket holds of a message of which the rest does not come.</summary>
public sealed class HalfMessageTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly List<Wire> _wires = [];

    public void Dispose() => _wires.ForEach(w => w.Dispose());

    [Fact]
    public async Task Half_a_message_counts_with_what_it_holds_until_it_is_whole()
    {
        var unfinished = new UnfinishedInput(0, TimeSpan.FromSeconds(20), 240, _clock);
        var wire = Open(unfinished);
        var frame = Text(new string('x', 20_000));

        await wire.SendAsync(frame[..10_000]);

        // The array that the pool has for it.
        await ShouldHoldAsync(unfinished, 16_384);

        await wire.SendAsync(frame[10_000..]);
        (await wire.Inbound.NextAsync()).ShouldStartWith("text xxx");
        await ShouldHoldAsync(unfinished, 0);
    }

    [Fact]
    public async Task What_comes_in_whole_counts_nothing()
    {
        // Whatever counted would have to go.
        var unfinished = new UnfinishedInput(1, TimeSpan.FromSeconds(20), 240, _clock);
        var wire = Open(unfinished);

        await wire.SendAsync(Join(Text("a"), Ping("b"), Text(new string('c', 500))));
        await wire.SendAsync(Text("d"));

        (await wire.Inbound.NextAsync()).ShouldBe("text a");
        (await wire.Inbound.NextAsync()).ShouldStartWith("text ccc");
        (await wire.Inbound.NextAsync()).ShouldBe("text d");
        unfinished.Budget.GivenUp.ShouldBe(0);
    }

    [Fact]
    public async Task Where_too_much_is_held_the_longest_goes_at_once_and_hears_why()
    {
        var unfinished = new UnfinishedInput(50_000, TimeSpan.FromSeconds(20), 240, _clock);
        var small = Open(unfinished);
        var large = Open(unfinished);
        await small.SendAsync(Text(new string('s', 20_000))[..10_000]);
        await ShouldHoldAsync(unfinished, 16_384);

        await large.SendAsync(Text(new string('l', 60_000))[..40_000]);

        (await large.Inbound.NextAsync()).ShouldBe("gave up no room for more unfinished messages");
        await ShouldHoldAsync(unfinished, 16_384);

        // Nothing else is heard, and nothing held, whatever follows.
        await large.SendAsync(new byte[20_000]);
        await large.SendAsync(Close(3008));
        unfinished.Budget.Held.ShouldBe(16_384);
    }

    [Fact]
    public async Task A_message_that_does_not_go_on_is_given_up()
    {
        var unfinished = new UnfinishedInput(0, TimeSpan.FromSeconds(20), 240, _clock);
        var wire = Open(unfinished);
        await wire.SendAsync(Text(new string('x', 2000), final: false));
        await ShouldHoldAsync(unfinished, 2048);

        // Pings are no progress of it. While one is being answered, the client need not go on.
        var since = TimeProvider.System.GetTimestamp();
        while (unfinished.Stalled == 0)
        {
            TimeProvider.System.GetElapsedTime(since).TotalSeconds.ShouldBeLessThan(20);
            Pass(unfinished, 5);
            await wire.SendAsync(Ping("still here"));
        }

        (await wire.Inbound.NextAsync()).ShouldBe("gave up a message was begun and did not go on");
        await ShouldHoldAsync(unfinished, 0);
        unfinished.Stalled.ShouldBe(1);
        await wire.SendAsync(Join(More("y"), Text("z"), Close(3008)));
        (await wire.Inbound.RestAsync(wire.Loop)).ShouldBe(["ended"]);
    }

    [Fact]
    public async Task While_the_server_is_busy_with_what_came_before_the_client_need_not_go_on()
    {
        var busy = new TaskCompletionSource();
        var unfinished = new UnfinishedInput(0, TimeSpan.FromSeconds(20), 240, _clock);
        var wire = Open(unfinished, new RecordingInbound { OnReceive = text => text.Length == 2000 ? new(busy.Task) : ValueTask.CompletedTask });
        await wire.SendAsync(Text(new string('x', 2000))[..1500]);
        await ShouldHoldAsync(unfinished, 2048);
        await wire.Client.WriteAsync(Join(Text(new string('x', 2000))[1500..], Text("yy")[..7]));
        (await wire.Inbound.NextAsync()).ShouldStartWith("text xxx");

        Pass(unfinished, 100);

        busy.SetResult();
        await wire.Client.WriteAsync(Text("yy").AsMemory(7));
        (await wire.Inbound.NextAsync()).ShouldBe("text yy");
    }

    [Fact]
    public async Task Whoever_leaves_in_the_middle_leaves_nothing_behind()
    {
        var unfinished = new UnfinishedInput(0, TimeSpan.FromSeconds(20), 240, _clock);
        var wire = Open(unfinished);
        await wire.SendAsync(Text(new string('x', 20_000))[..10_000]);
        await ShouldHoldAsync(unfinished, 16_384);

        wire.Client.CompleteWriting();

        await wire.Loop.InTime();
        unfinished.Budget.Held.ShouldBe(0);
        Pass(unfinished, 100);
        (await wire.Inbound.RestAsync(wire.Loop)).ShouldBe(["ended"]);
    }

    private static async Task ShouldHoldAsync(UnfinishedInput unfinished, long bytes)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (unfinished.Budget.Held != bytes)
        {
            TimeProvider.System.GetElapsedTime(since).TotalSeconds.ShouldBeLessThan(20, $"{unfinished.Budget.Held} bytes are held, not {bytes}");
            await Task.Yield();
        }
    }

    private void Pass(UnfinishedInput unfinished, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            unfinished.Sweep();
        }
    }

    private Wire Open(UnfinishedInput unfinished, RecordingInbound? inbound = null)
    {
        var wire = new Wire(unfinished, inbound ?? new RecordingInbound());
        _wires.Add(wire);
        return wire;
    }

    private sealed class Wire : IDisposable
    {
        private readonly DuplexStream _server;

        public Wire(UnfinishedInput unfinished, RecordingInbound inbound)
        {
            (_server, Client, _) = DuplexStream.Pair();
            Inbound = inbound;

            // Else what is answered to it would wait at some point, and with it the loop.
            _ = Client.CopyToAsync(Stream.Null);
            var transport = new WebSocketTransport(_server, _server.Dispose, WebSocketLimits.Default);
            Loop = WebSocketReadLoop.RunAsync(_server, transport, inbound, WebSocketLimits.Default, unfinished, CancellationToken.None);
        }

        public DuplexStream Client { get; }

        public RecordingInbound Inbound { get; }

        public Task Loop { get; }

        /// <summary>Sends, and completes when all of it was read, or the loop has ended.</summary>
        public async Task SendAsync(byte[] bytes)
        {
            var before = _server.Seen.Length;
            await Client.WriteAsync(bytes).InTime();
            while (!Loop.IsCompleted && _server.Seen.Length < before + bytes.Length)
            {
                await Task.Yield();
            }
        }

        public void Dispose()
        {
            _server.Dispose();
            Client.Dispose();
        }
    }
}
