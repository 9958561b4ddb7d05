using System.Buffers;
using System.Net;
using System.Net.Sockets;
using ClusterChat.Gateway.Sockets;
using ClusterChat.Gateway.Tests.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Gateway.Tests.Sockets;

/// <summary>Who is let in where there are too few descriptors for everybody.</summary>
public sealed class SocketListenerTests : IAsyncLifetime
{
    private readonly SocketCount _count = new(2);
    private readonly SocketListener _listener;

    public SocketListenerTests() => _listener = SocketListener.Bind(
        new IPEndPoint(IPAddress.Loopback, 0), MemoryPool<byte>.Shared, _count, TimeProvider.System, NullLogger.Instance);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _listener.DisposeAsync();

    [Fact]
    public async Task Who_is_one_too_many_waits_until_another_has_gone()
    {
        using var clients = new Clients(_listener.EndPoint, 3);
        var first = (await _listener.AcceptAsync().InTime())!;
        await using var second = (await _listener.AcceptAsync().InTime())!;
        var third = _listener.AcceptAsync();
        third.IsCompleted.ShouldBeFalse();

        await first.DisposeAsync();

        await using var accepted = (await third.InTime())!;
        accepted.RemoteEndPoint.ShouldNotBe(second.RemoteEndPoint);
    }

    [Fact]
    public async Task A_connection_gives_its_place_back_once_however_often_it_is_ended()
    {
        using var clients = new Clients(_listener.EndPoint, 3);
        var first = (await _listener.AcceptAsync().InTime())!;
        await using var second = (await _listener.AcceptAsync().InTime())!;
        _count.IsFull.ShouldBeTrue();

        first.Abort(new ConnectionAbortedException());
        await first.DisposeAsync();
        _count.IsFull.ShouldBeFalse();

        await using var third = (await _listener.AcceptAsync().InTime())!;
        _count.IsFull.ShouldBeTrue();
    }

    [Fact]
    public async Task A_socket_that_was_taken_from_the_server_has_its_place_until_it_is_closed()
    {
        using var clients = new Clients(_listener.EndPoint, 2);
        var first = (SocketConnection)(await _listener.AcceptAsync().InTime())!;
        await using var second = (await _listener.AcceptAsync().InTime())!;
        var stream = first.Detach();

        await first.DisposeAsync();
        _count.IsFull.ShouldBeTrue();

        await stream.DisposeAsync();
        _count.IsFull.ShouldBeFalse();
    }

    [Fact]
    public async Task A_listener_that_is_full_can_be_unbound()
    {
        using var clients = new Clients(_listener.EndPoint, 2);
        await using var first = (await _listener.AcceptAsync().InTime())!;
        await using var second = (await _listener.AcceptAsync().InTime())!;
        var third = _listener.AcceptAsync();

        await _listener.UnbindAsync();

        (await third.InTime()).ShouldBeNull();
    }

    private sealed class Clients : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public Clients(EndPoint address, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                socket.Connect(address);
            }
        }

        public void Dispose() => _sockets.ForEach(s => s.Dispose());
    }
}
