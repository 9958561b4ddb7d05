using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.WebSockets;

namespace ClusterChat.Baselines;

/// <summary>Each text frame goes to all members of the room, one <c>SendAsync</c> after the other.</summary>
internal sealed class PlainRooms
{
    private readonly ConcurrentDictionary<string, ImmutableArray<Member>> _rooms = new(StringComparer.Ordinal);

    public async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var room = context.Request.Query["room"].ToString();
        var member = new Member(socket);
        _rooms.AddOrUpdate(room, [member], (_, members) => members.Add(member));
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                foreach (var to in _rooms[room])
                {
                    await to.SendAsync(buffer.AsMemory(0, received.Count), context.RequestAborted);
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            // The client is gone.
        }
        finally
        {
            _rooms.AddOrUpdate(room, [], (_, members) => members.Remove(member));
        }
    }

    private sealed class Member(WebSocket socket)
    {
        private readonly SemaphoreSlim _turn = new(1);

        public async ValueTask SendAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                await socket.SendAsync(text, WebSocketMessageType.Text, true, cancellationToken);
            }
            catch (WebSocketException)
            {
                // It is another's connection that broke.
            }
            finally
            {
                _turn.Release();
            }
        }
    }
}
