using System.Buffers;
using System.Net;
using System.Net.Sockets;
using ClusterChat.Gateway.Sockets;
using ClusterChat.Gateway.Tests.WebSockets;
using ClusterChat.TestKit;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Gateway.Tests.Sockets;

/// <summary>Who is let in, and who goes where there are too few places for everybody.</summary>
public sealed class SocketListenerTests : IAsyncLifetime
{
    private static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.2");
    private readonly ManualClock _clock = new();
    private readonly List<Socket> _clients = [];
    private ClientSockets? _sockets;
    private SocketListener? _listener;

    private SocketTable Table => _sockets!.Table;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _clients.ForEach(c => c.Dispose());
        await _listener!.DisposeAsync();
        _sockets!.Dispose();
    }

    [Fact]
    public async Task Who_says_nothing_never_gets_to_the_server()
    {
        Listen(new SocketLimits { Most = 10 });
        var silent = Connect();
        var accepting = Accept();
        var client = Connect("hello");

        var accepted = await accepting;

        accepted.RemoteEndPoint.ShouldBe(client.LocalEndPoint);
        accepted.RemoteEndPoint.ShouldNotBe(silent.LocalEndPoint);
    }

    [Fact]
    public async Task Where_all_are_being_answered_who_is_one_too_many_waits_until_another_has_gone()
    {
        Listen(new SocketLimits { Most = 2 });
        var first = await AnswerAsync();
        await using var second = await AnswerAsync();
        Table.IsTaken.ShouldBeTrue();
        var client = Connect("hello");
        var third = Accept();
        third.IsCompleted.ShouldBeFalse();

        await first.DisposeAsync();

        await using var accepted = await third;
        accepted.RemoteEndPoint.ShouldBe(client.LocalEndPoint);
        Table.IsTaken.ShouldBeFalse("somebody is there who would go");
    }

    [Fact]
    public async Task Those_that_have_said_nothing_go_first_and_the_oldest_of_them()
    {
        Listen(new SocketLimits { Most = 3 });
        await using var busy = await AnswerAsync();
        var accepting = Accept();
        var oldest = Connect();
        await UntilAsync(() => Table.Counts.Open == 2);
        var younger = Connect();
        await UntilAsync(() => Table.Counts.Open == 3);

        Connect("hello");

        await using var accepted = await accepting;
        await ShouldBeClosedAsync(oldest);
        ShouldBeOpen(younger);
        Table.Closed.Displaced.ShouldBe(1);
    }

    [Fact]
    public async Task Who_is_in_the_middle_of_a_request_goes_before_whoever_was_answered_and_hears_why()
    {
        Listen(new SocketLimits { Most = 2 });
        await using var idle = await AnswerAsync();
        idle.EndAnswer();
        var half = Connect("GET / HT");
        await using var asking = await Accept();
        await ReadAllAsync(asking);
        await UntilAsync(() => asking.Input.ServerWaits);

        Connect("hello");
        await using var newcomer = await Accept();

        (await ReadToEndAsync(half)).ShouldStartWith("HTTP/1.1 503 ");
        Table.Counts.ShouldBe((2, 2, 0));

        // Then it is the turn of those that are kept for another request.
        newcomer.BeginAnswer();
        Connect("hello");
        await using var next = await Accept();
        (await ReadToEndAsync(_clients[0])).ShouldBeEmpty();
    }

    [Fact]
    public async Task Those_that_ask_for_nothing_have_a_limit_of_their_own()
    {
        Listen(new SocketLimits { Most = 100, MostWaiting = 2 });
        await using var first = await AnswerAsync();
        await using var second = await AnswerAsync();
        var accepting = Accept();
        var oldest = Connect();
        await UntilAsync(() => Table.Counts.Waiting == 1);
        var younger = Connect();
        await UntilAsync(() => Table.Counts.Waiting == 2);

        Connect("hello");
        await using var accepted = await accepting;

        await ShouldBeClosedAsync(oldest);
        ShouldBeOpen(younger);
    }

    [Fact]
    public async Task Nobody_goes_who_has_said_something_that_the_server_did_not_get_round_to()
    {
        Listen(new SocketLimits { Most = 2 });
        Connect("one");
        Connect("two");
        await using var one = await Accept();
        await using var two = await Accept();
        Connect("three");
        var accepting = Accept();
        await UntilAsync(() => Table.Counts.Open == 3);

        accepting.IsCompleted.ShouldBeFalse();
        Table.IsTaken.ShouldBeFalse("they may turn out to have said nothing whole");
        await ReadAllAsync(one);
        one.BeginAnswer();
        one.EndAnswer();
        await using var three = await accepting;
        (await ReadToEndAsync(_clients[0])).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_address_has_so_many_sockets_and_others_are_not_hurt_by_it()
    {
        Listen(new SocketLimits { Most = 100, PerAddress = 2 });
        var accepting = Accept();
        Connect();
        Connect();
        var third = Connect();
        await ShouldBeClosedAsync(third);

        var other = Connect("hello", Elsewhere);
        await using var accepted = await accepting;

        accepted.RemoteEndPoint.ShouldBe(other.LocalEndPoint);
        Table.Closed.OverAddress.ShouldBe(1);
        Table.Counts.Open.ShouldBe(3);
        _clients[0].Dispose();
        await UntilAsync(() => Table.Counts.Open == 2);
        Connect("hello");
        await using var again = await Accept();
    }

    [Fact]
    public async Task The_sockets_of_a_proxy_are_those_of_many_clients()
    {
        Listen(new SocketLimits { Most = 100, PerAddress = 1, Proxies = [IPNetwork.Parse("127.0.0.2/32")] });

        for (var i = 0; i < 5; i++)
        {
            Connect("hello", Elsewhere);
            (await Accept()).RemoteEndPoint.ShouldBe(_clients[^1].LocalEndPoint);
        }
    }

    [Fact]
    public async Task A_socket_that_says_nothing_is_closed_in_time()
    {
        Listen(new SocketLimits { Most = 100, Silence = TimeSpan.FromSeconds(20) });
        await using var busy = await AnswerAsync();
        _ = Accept();
        var silent = Connect();
        await UntilAsync(() => Table.Counts.Open == 2);

        _clock.Advance(TimeSpan.FromSeconds(19));
        ShouldBeOpen(silent);
        _clock.Advance(TimeSpan.FromSeconds(2));

        await ShouldBeClosedAsync(silent);
        ShouldBeOpen(_clients[0]);
        Table.Closed.Silent.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_leaves_without_a_word_gives_its_place_back()
    {
        Listen(new SocketLimits { Most = 100 });
        _ = Accept();
        var client = Connect();
        await UntilAsync(() => Table.Counts.Open == 1);

        client.Dispose();

        await UntilAsync(() => Table.Counts.Open == 0);
    }

    [Fact]
    public async Task A_connection_gives_its_place_back_once_however_often_it_is_ended()
    {
        Listen(new SocketLimits { Most = 2 });
        var first = await AnswerAsync();
        await using var second = await AnswerAsync();

        first.Abort(new ConnectionAbortedException());
        await first.DisposeAsync();

        Table.Counts.Open.ShouldBe(1);
    }

    [Fact]
    public async Task A_socket_that_was_taken_from_the_server_has_its_place_until_it_is_closed()
    {
        Listen(new SocketLimits { Most = 2 });
        Connect("hello");
        var first = await Accept();
        first.BeginAnswer();
        await using var second = await AnswerAsync();
        var stream = first.Detach();

        first.EndAnswer();
        await first.DisposeAsync();
        Table.Counts.ShouldBe((2, 0, 1));
        Table.IsTaken.ShouldBeTrue();

        await stream.DisposeAsync();
        Table.Counts.ShouldBe((1, 0, 0));
    }

    [Fact]
    public async Task A_listener_that_is_full_can_be_unbound()
    {
        Listen(new SocketLimits { Most = 2 });
        await using var first = await AnswerAsync();
        await using var second = await AnswerAsync();
        var third = _listener!.AcceptAsync();

        await _listener.UnbindAsync();

        (await third.InTime()).ShouldBeNull();
    }

    [Fact]
    public async Task A_listener_that_is_unbound_lets_go_of_those_that_have_said_nothing()
    {
        Listen(new SocketLimits { Most = 100 });
        var accepting = _listener!.AcceptAsync();
        var silent = Connect();
        await UntilAsync(() => Table.Counts.Open == 1);

        await _listener.UnbindAsync();

        await ShouldBeClosedAsync(silent);
        (await accepting.InTime()).ShouldBeNull();
    }

    private void Listen(SocketLimits limits)
    {
        _sockets = TestSockets.Of(limits, clock: _clock);
        _listener = SocketListener.Bind(new IPEndPoint(IPAddress.Loopback, 0), MemoryPool<byte>.Shared, _sockets, NullLogger.Instance);
    }

    private async Task<SocketConnection> Accept() => (SocketConnection)(await _listener!.AcceptAsync().InTime())!;

    /// <summary>A client whose request is being answered.</summary>
    private async Task<SocketConnection> AnswerAsync()
    {
        Connect("hello");
        var connection = await Accept();
        await ReadAllAsync(connection);
        connection.BeginAnswer();
        return connection;
    }

    /// <summary>Reads as the server does: all that is there, and then it waits for more.</summary>
    private static async Task ReadAllAsync(SocketConnection connection)
    {
        var read = await connection.Transport.Input.ReadAsync().InTime();
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
        _ = connection.Transport.Input.ReadAsync().AsTask();
    }

    private Socket Connect(string says = "", IPAddress? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _clients.Add(socket);
        socket.Bind(new IPEndPoint(from ?? IPAddress.Loopback, 0));
        socket.Connect(_listener!.EndPoint);
        if (says.Length > 0)
        {
            socket.Send(System.Text.Encoding.ASCII.GetBytes(says));
        }

        return socket;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(since).TotalSeconds.ShouldBeLessThan(20);
            await Task.Yield();
        }
    }

    private static async Task ShouldBeClosedAsync(Socket client) => await ReadToEndAsync(client);

    private static void ShouldBeOpen(Socket client) => client.Poll(0, SelectMode.SelectRead).ShouldBeFalse();

    private static async Task<string> ReadToEndAsync(Socket client)
    {
        var text = string.Empty;
        var buffer = new byte[1000];
        try
        {
            while (await client.ReceiveAsync(buffer).InTime() is > 0 and var count)
            {
                text += System.Text.Encoding.ASCII.GetString(buffer, 0, count);
            }
        }
        catch (SocketException)
        {
            // Reset.
        }

        return text;
    }
}
