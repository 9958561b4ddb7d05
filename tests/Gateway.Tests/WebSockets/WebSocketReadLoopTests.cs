using System.Text;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.WebSockets;
using static ClusterChat.Gateway.Tests.WebSockets.ClientFrames;

namespace ClusterChat.Gateway.Tests.WebSockets;

public sealed class WebSocketReadLoopTests : IDisposable
{
    private readonly DuplexStream _server;
    private readonly DuplexStream _client;
    private readonly System.IO.Pipelines.Pipe _toServer;
    private readonly WebSocketTransport _transport;
    private readonly CancellationTokenSource _stop = new();

    public WebSocketReadLoopTests()
    {
        (_server, _client, _toServer) = DuplexStream.Pair();
        _transport = new WebSocketTransport(_server, () => _server.Dispose(), WebSocketLimits.Default);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _server.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task Messages_are_passed_on_in_order_and_bytes_count_as_life()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _client.WriteAsync(Join(Text("a"), Text("b", final: false), Pong(), More("c")));
        await _client.WriteAsync(Text(""));
        _client.CompleteWriting();

        (await inbound.RestAsync(loop)).ShouldBe(["text a", "text bc", "text ", "ended"]);
        inbound.Touches.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Pings_pongs_and_short_fragments_are_counted_and_messages_are_not()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _client.WriteAsync(Join(Text("a"), Ping("x"), Pong(), Text("b", final: false), More("", final: false), More("c"), Text("")));
        await _client.WriteAsync(Join(Text(new string('d', 1024), final: false), More("e")));
        _client.CompleteWriting();

        (await inbound.RestAsync(loop))[^1].ShouldBe("ended");
        inbound.Idle.ShouldBe(4);
    }

    [Fact]
    public async Task When_too_many_said_nothing_bytes_are_no_life_any_more()
    {
        var inbound = new RecordingInbound { MostIdle = 1 };
        var loop = Run(inbound);

        await _client.WriteAsync(Join(Ping("x"), Ping("y")));
        (await inbound.NextAsync()).ShouldBe("idle");
        var touches = inbound.Touches;
        await _client.WriteAsync(Ping("z"));
        _client.CompleteWriting();

        await inbound.RestAsync(loop);
        inbound.Touches.ShouldBe(touches);
    }

    [Fact]
    public async Task What_came_in_one_read_is_handed_over_at_once_but_never_beyond_a_control_frame_or_borrowed_memory()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _client.WriteAsync(Join(Text("a"), Text("b"), Text("c"), Ping("now"), Text("d"), Text("e", final: false), More("f"), Text("g")));
        _client.CompleteWriting();

        (await inbound.RestAsync(loop)).ShouldBe(["text a", "text b", "text c", "text d", "text ef", "text g", "ended"]);
        inbound.AtOnce.ShouldBe([3, 2, 1]);
        (await ReadAsync(2 + 3)).ShouldBe([(Opcode.Pong, "now")]);
    }

    [Fact]
    public async Task An_answer_to_a_ping_is_passed_on_behind_what_came_before_it_and_any_other_pong_is_none()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _client.WriteAsync(Join(Text("a"), Pong("\0\0\u0001\u0002"), Text("b"), Pong("unasked"), Pong()));
        _client.CompleteWriting();

        (await inbound.RestAsync(loop)).ShouldBe(["text a", "answered 258", "text b", "ended"]);
    }

    [Fact]
    public async Task Nothing_is_read_while_a_message_is_being_received()
    {
        var busy = new TaskCompletionSource();
        var inbound = new RecordingInbound { OnReceive = _ => new ValueTask(busy.Task) };
        var loop = Run(inbound);
        await _client.WriteAsync(Join(Text("a"), Text("b")));
        (await inbound.NextAsync()).ShouldBe("text a");

        // 2 KiB do not fit in the pipe: the client is held up.
        var more = _client.WriteAsync(Text(new string('c', 2000)));
        more.IsCompleted.ShouldBeFalse();
        busy.SetResult();
        await more;
        _client.CompleteWriting();

        (await inbound.RestAsync(loop)).ShouldBe(["text b", "text " + new string('c', 2000), "ended"]);
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_payload()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _client.WriteAsync(Ping("are you there"));
        (await ReadAsync(2 + 13)).ShouldBe([(Opcode.Pong, "are you there")]);

        _client.CompleteWriting();
        (await inbound.RestAsync(loop)).ShouldBe(["ended"]);
    }

    [Fact]
    public async Task A_close_is_answered_with_its_code_before_the_end_is_told()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _client.WriteAsync(Join(Text("a"), Close(4000, "bye"), Text("b")));

        (await inbound.RestAsync(loop)).ShouldBe(["text a", "ended"]);
        (await ReadAsync(4)).ShouldBe([(Opcode.Close, "4000")]);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(null, true)]
    [InlineData(1001, false)]
    [InlineData(1002, false)]
    [InlineData(4000, false)]
    public async Task Who_closes_with_1000_or_without_a_code_takes_its_leave_and_nobody_else(int? code, bool takesLeave)
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _client.WriteAsync(Close((ushort?)code));

        (await inbound.RestAsync(loop)).ShouldBe(takesLeave ? ["took leave", "ended"] : ["ended"]);
    }

    [Fact]
    public async Task The_answer_to_our_own_close_is_not_answered()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _transport.CloseAsync(3001, "");
        await _client.WriteAsync(Close(3001));

        (await inbound.RestAsync(loop)).ShouldBe(["ended"]);
        (await ReadAsync(4)).ShouldBe([(Opcode.Close, "3001")]);
        _server.Dispose();
        (await _client.ReadAsync(new byte[10])).ShouldBe(0);
    }

    [Theory]
    [InlineData("binary", "binary message")]
    [InlineData("utf8", "text not valid UTF-8")]
    [InlineData("big", "message over the limit")]
    public async Task After_a_violation_only_the_close_is_heard(string what, string reason)
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);
        var bad = what switch
        {
            "binary" => Frame(Opcode.Binary, [1, 2, 3]),
            "utf8" => Frame(Opcode.Text, [0xFF]),
            _ => Frame(Opcode.Text, new byte[70_000]),
        };

        await _client.WriteAsync(Join(bad, Text("a"), Ping("b")));
        (await inbound.NextAsync()).ShouldBe("violated " + reason);
        var touches = inbound.Touches;
        await _transport.CloseAsync(3501, reason);
        await _client.WriteAsync(Join(Text("c"), Close(3501)));

        (await inbound.RestAsync(loop)).ShouldBe(["ended"]);
        inbound.Touches.ShouldBe(touches);
        (await ReadAsync(4 + reason.Length)).ShouldBe([(Opcode.Close, "3501 " + reason)]);
    }

    [Fact]
    public async Task After_a_broken_header_all_is_read_and_dropped_until_the_client_goes()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _client.WriteAsync(Frame(Opcode.Text, new byte[50], masked: false));
        (await inbound.NextAsync()).ShouldBe("violated frame not masked");
        await _client.WriteAsync(new byte[100_000]);
        _client.CompleteWriting();

        (await inbound.RestAsync(loop)).ShouldBe(["ended"]);
    }

    [Fact]
    public async Task Cancellation_ends_without_an_error()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _stop.CancelAsync();

        (await inbound.RestAsync(loop)).ShouldBe(["ended"]);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_for_a_close_that_cannot_be_answered()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);
        var stuck = _transport.SendAsync([new byte[50_000]]);

        await _client.WriteAsync(Join(Text("a"), Close(1000)));
        (await inbound.NextAsync()).ShouldBe("text a");
        await _stop.CancelAsync();

        (await inbound.RestAsync(loop)).ShouldBe(["took leave", "ended"]);
        stuck.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_broken_stream_ends_without_an_error()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);

        await _toServer.Writer.CompleteAsync(new IOException("reset"));

        (await inbound.RestAsync(loop)).ShouldBe(["ended"]);
    }

    [Fact]
    public async Task A_failing_receiver_ends_the_loop_and_is_told_the_end()
    {
        var inbound = new RecordingInbound { OnReceive = _ => throw new InvalidOperationException("bug") };
        var loop = Run(inbound);

        await _client.WriteAsync(Text("a"));

        await Should.ThrowAsync<InvalidOperationException>(() => loop);
        (await inbound.RestAsync(Task.CompletedTask)).ShouldBe(["text a", "ended"]);
    }

    [Fact]
    public async Task No_buffer_waits_for_a_silent_client()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);
        (await _server.Asked.ReadAsync().InTime()).ShouldBe(0);

        // Half a frame, then silence.
        var frame = Text("half of it");
        await _client.WriteAsync(frame.AsMemory(0, 9));
        (await _server.Asked.ReadAsync().InTime()).ShouldBeGreaterThan(0);
        (await _server.Asked.ReadAsync().InTime()).ShouldBe(0);

        await _client.WriteAsync(frame.AsMemory(9));
        (await inbound.NextAsync()).ShouldBe("text half of it");
        _client.CompleteWriting();
        await inbound.RestAsync(loop);
    }

    [Fact]
    public async Task A_client_that_pings_and_never_reads_is_still_heard()
    {
        var inbound = new RecordingInbound();
        var loop = Run(inbound);
        var ping = Ping(new string('p', 125));

        // Far more pongs than the pipe to the client takes.
        for (var i = 0; i < 200; i++)
        {
            await _client.WriteAsync(ping);
        }

        await _client.WriteAsync(Text("still here"));

        (await inbound.NextAsync()).ShouldBe("text still here");
        _client.CompleteWriting();
        await inbound.RestAsync(loop);
    }

    private Task Run(RecordingInbound inbound)
        => WebSocketReadLoop.RunAsync(_server, _transport, inbound, WebSocketLimits.Default, UnfinishedInput.Unlimited(TimeProvider.System), _stop.Token);

    private async Task<List<(Opcode Opcode, string Payload)>> ReadAsync(int count)
    {
        var buffer = new byte[count];
        await _client.ReadExactlyAsync(buffer).InTime();
        return ServerFrames.Parse(buffer);
    }
}
