using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using ClusterChat.Gateway.WebSockets;

namespace ClusterChat.Gateway.Tests.WebSockets;

public sealed class WebSocketTransportTests : IDisposable
{
    private readonly GatedStream _stream = new();
    private readonly WebSocketTransport _transport;
    private int _aborts;

    public WebSocketTransportTests()
    {
        _transport = new WebSocketTransport(_stream, () => _aborts++, new WebSocketLimits { MaxSendFrameBytes = 20 });
    }

    public void Dispose() => _stream.Dispose();

    private List<(Opcode Opcode, string Payload)> Frames => ServerFrames.Parse(_stream.Written);

    [Fact]
    public async Task Lines_go_out_as_one_frame_in_one_write()
    {
        await _transport.SendAsync(Lines("one", "two", "three"));

        Frames.ShouldBe([(Opcode.Text, "one\ntwo\nthree")]);
        _stream.Writes.ShouldBe(1);
    }

    [Fact]
    public async Task Lines_over_the_limit_are_split_between_lines()
    {
        await _transport.SendAsync(Lines("0123456789", "123456789", "x", "a line that is longer than the limit", "y", "z"));

        Frames.ShouldBe([
            (Opcode.Text, "0123456789\n123456789"),
            (Opcode.Text, "x"),
            (Opcode.Text, "a line that is longer than the limit"),
            (Opcode.Text, "y\nz"),
        ]);
    }

    [Fact]
    public async Task A_long_line_is_written_from_where_it_is_in_parts_that_show_that_the_client_takes_them()
    {
        _stream.Shut();
        var line = new string('x', 150_000);
        var send = _transport.SendAsync(Lines(line));
        _transport.HeldBytes.ShouldBeLessThan(1000);
        var taken = _transport.Taken;
        for (var parts = 0; parts < 4; parts++)
        {
            _stream.LetGo();
            _transport.Taken.ShouldBeGreaterThan(taken);
            taken = _transport.Taken;
        }

        await send.InTime();
        Frames.ShouldBe([(Opcode.Text, line)]);
        _transport.HeldBytes.ShouldBe(0);
    }

    [Fact]
    public async Task The_copy_of_a_frame_is_held_until_it_is_taken()
    {
        await _transport.SendAsync(Lines("at once"));
        _transport.HeldBytes.ShouldBe(0);
        _stream.Shut();
        foreach (var lines in new[] { Lines("one"), Lines("0123456789", "0123456789", "0123456789") })
        {
            var send = _transport.SendAsync(lines);
            _transport.HeldBytes.ShouldBeGreaterThanOrEqualTo(5);
            _stream.Open();
            await send.InTime();
            _transport.HeldBytes.ShouldBe(0);
            _stream.Shut();
        }
    }

    [Fact]
    public async Task No_lines_make_no_frame()
    {
        await _transport.SendAsync([]);

        _stream.Writes.ShouldBe(0);
    }

    [Fact]
    public async Task A_ping_carries_its_number()
    {
        await _transport.PingAsync(7);

        Frames.ShouldBe([(Opcode.Ping, "\0\0\0\u0007")]);
    }

    [Fact]
    public void A_pong_goes_out_at_once_if_nobody_writes()
    {
        _transport.Pong("a"u8);
        _transport.Pong("b"u8);

        Frames.ShouldBe([(Opcode.Pong, "a"), (Opcode.Pong, "b")]);
    }

    [Fact]
    public async Task Of_many_pings_during_a_write_the_latest_is_answered_after_it()
    {
        _stream.Shut();
        var send = _transport.SendAsync(Lines("long"));
        for (var i = 0; i < 1000; i++)
        {
            _transport.Pong(Encoding.UTF8.GetBytes($"ping {i}"));
        }

        _stream.Writes.ShouldBe(1);
        _stream.Open();
        await send;

        Frames.ShouldBe([(Opcode.Text, "long"), (Opcode.Pong, "ping 999")]);
        _stream.MostAtOnce.ShouldBe(1);
    }

    [Fact]
    public async Task A_pong_goes_out_between_the_frames_of_one_send()
    {
        _stream.Shut();
        var send = _transport.SendAsync(Lines("0123456789", "0123456789", "0123456789"));
        _transport.Pong("p"u8);
        _stream.Open();
        await send;

        Frames.Select(f => f.Opcode).ShouldBe([Opcode.Text, Opcode.Pong, Opcode.Text, Opcode.Text]);
        _stream.Writes.ShouldBe(3);
    }

    [Fact]
    public async Task A_send_waits_for_a_pong_under_way_and_takes_the_next_one_along()
    {
        _stream.Shut();
        _transport.Pong("1"u8);
        var send = _transport.SendAsync(Lines("text"));
        _transport.Pong("2"u8);
        send.IsCompleted.ShouldBeFalse();
        _stream.Writes.ShouldBe(1);

        _stream.LetGo();
        _stream.Open();
        await send.InTime();

        Frames.ShouldBe([(Opcode.Pong, "1"), (Opcode.Pong, "2"), (Opcode.Text, "text")]);
    }

    [Fact]
    public async Task A_slow_pong_does_not_hold_up_whoever_asks_for_it()
    {
        _stream.Shut();

        _transport.Pong("1"u8);
        _transport.Pong("2"u8);
        _transport.Pong("3"u8);

        _stream.Writes.ShouldBe(1);
        _stream.LetGo();
        _stream.LetGo();
        Frames.ShouldBe([(Opcode.Pong, "1"), (Opcode.Pong, "3")]);

        // Nobody has kept the turn.
        await _transport.SendAsync([]).InTime();
    }

    [Fact]
    public async Task A_close_is_the_last_frame()
    {
        await _transport.CloseAsync(3501, "bad request");
        _transport.Pong("late"u8);
        await _transport.CloseAsync(3001, "shutdown");
        await Should.ThrowAsync<IOException>(async () => await _transport.SendAsync(Lines("late")));
        await Should.ThrowAsync<IOException>(async () => await _transport.PingAsync(1));
        await _transport.AnswerCloseAsync(3501);

        Frames.ShouldBe([(Opcode.Close, "3501 bad request")]);
    }

    [Fact]
    public async Task A_clients_close_is_answered_once_and_ends_sending()
    {
        await _transport.AnswerCloseAsync(1001);
        await _transport.AnswerCloseAsync(1001);
        await _transport.CloseAsync(3001, "shutdown");
        await Should.ThrowAsync<IOException>(async () => await _transport.SendAsync(Lines("late")));

        Frames.ShouldBe([(Opcode.Close, "1001")]);
    }

    [Fact]
    public async Task A_clients_close_without_a_code_is_answered_without_one()
    {
        await _transport.AnswerCloseAsync(CloseCodes.None);

        Frames.ShouldBe([(Opcode.Close, "")]);
    }

    [Fact]
    public async Task A_clients_close_is_answered_after_the_frame_under_way_and_instead_of_those_behind_it()
    {
        _stream.Shut();
        var send = _transport.SendAsync(Lines("0123456789", "0123456789"));
        _transport.Pong("p"u8);
        var answer = _transport.AnswerCloseAsync(1000);
        answer.IsCompleted.ShouldBeFalse();

        _stream.Open();
        await answer.InTime();

        await Should.ThrowAsync<IOException>(async () => await send);
        Frames.ShouldBe([(Opcode.Text, "0123456789"), (Opcode.Pong, "p"), (Opcode.Close, "1000")]);
    }

    [Fact]
    public async Task The_answer_to_a_close_waits_for_our_own_close_under_way()
    {
        _stream.Shut();
        var close = _transport.CloseAsync(3001, "");
        var answer = _transport.AnswerCloseAsync(1000);
        answer.IsCompleted.ShouldBeFalse();

        _stream.Open();
        await close;
        await answer.InTime();

        Frames.ShouldBe([(Opcode.Close, "3001")]);
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(ObjectDisposedException))]
    public async Task A_failed_write_is_an_IOException_then_and_ever_after(Type failure)
    {
        var error = failure == typeof(ObjectDisposedException)
            ? new ObjectDisposedException("stream")
            : (Exception)Activator.CreateInstance(failure)!;
        _stream.Shut();
        var send = _transport.SendAsync(Lines("a"));
        _transport.Pong("p"u8);
        var answer = _transport.AnswerCloseAsync(1000);

        _stream.LetGo(error);

        await Should.ThrowAsync<IOException>(async () => await send);
        await answer.InTime();
        await Should.ThrowAsync<IOException>(async () => await _transport.SendAsync(Lines("b")));
        await Should.ThrowAsync<IOException>(async () => await _transport.CloseAsync(1000, ""));
        _stream.Writes.ShouldBe(1);
    }

    [Fact]
    public async Task A_failed_pong_shows_at_the_next_send()
    {
        _stream.Shut();
        _transport.Pong("p"u8);
        var send = _transport.SendAsync(Lines("a"));

        _stream.LetGo(new IOException("reset"));

        await Should.ThrowAsync<IOException>(() => send.InTime());
    }

    [Fact]
    public async Task Abort_fails_what_is_pending_even_if_the_stream_ends_it_quietly()
    {
        _stream.Shut();
        var send = _transport.SendAsync(Lines("a"));

        _transport.Abort();
        _aborts.ShouldBe(1);
        _stream.Open();

        await Should.ThrowAsync<IOException>(async () => await send);
        await Should.ThrowAsync<IOException>(async () => await _transport.PingAsync(1));
        _transport.Pong("late"u8);
        await _transport.AnswerCloseAsync(1000);
        _stream.Writes.ShouldBe(1);
    }

    [Fact]
    public void Who_cuts_a_connection_whose_request_is_over_is_not_told()
    {
        var transport = new WebSocketTransport(_stream, () => throw new ObjectDisposedException("context"), WebSocketLimits.Default);
        transport.Abort();
    }

    [Fact]
    public async Task Pongs_and_sends_from_two_threads_never_tear_a_frame()
    {
        const int Sends = 400;
        var (server, client, _) = DuplexStream.Pair();
        var transport = new WebSocketTransport(server, () => { }, new WebSocketLimits { MaxSendFrameBytes = 2000 });
        using var socket = WebSocket.CreateFromStream(client, new WebSocketCreationOptions { IsServer = false });
        using var done = new CancellationTokenSource();

        var pongs = Task.Run(async () =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                transport.Pong(Encoding.UTF8.GetBytes($"pong {i}"));
                await Task.Yield();
            }
        });
        var sends = Task.Run(async () =>
        {
            var random = new Random(17);
            for (var i = 0; i < Sends; i++)
            {
                await transport.SendAsync(Lines([.. Enumerable.Range(0, random.Next(1, 8)).Select(n => $"{i}.{n} " + new string('x', random.Next(900)))]));
                if (i % 10 == 0)
                {
                    await transport.PingAsync(1);
                }
            }

            await done.CancelAsync();
            await transport.CloseAsync(3001, "shutdown");
        });

        var received = new List<string>();
        while (await ReceiveAsync(socket).InTime() is { } text)
        {
            received.AddRange(text.Split('\n'));
        }

        await Task.WhenAll(pongs, sends).InTime();
        ((int?)socket.CloseStatus).ShouldBe(3001);
        socket.CloseStatusDescription.ShouldBe("shutdown");

        var keys = received.Select(line => line.Split(' ')[0].Split('.')).Select(k => (int.Parse(k[0], CultureInfo.InvariantCulture) * 10) + int.Parse(k[1], CultureInfo.InvariantCulture)).ToList();
        keys.ShouldBe(keys.Order());
        keys[^1].ShouldBeGreaterThanOrEqualTo((Sends - 1) * 10);
        var frames = ServerFrames.Parse(client.Seen);
        frames.Count(f => f.Opcode == Opcode.Pong).ShouldBeGreaterThan(0);
        frames.Count(f => f.Opcode == Opcode.Ping).ShouldBe(Sends / 10);
    }

    internal static async Task<string?> ReceiveAsync(WebSocket socket)
    {
        using var message = new MemoryStream();
        var buffer = new byte[4096];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString(message.ToArray());
            }
        }
    }

    private static ReadOnlyMemory<byte>[] Lines(params string[] lines)
        => [.. lines.Select(l => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(l))];
}
