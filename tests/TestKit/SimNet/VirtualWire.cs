using System.Text;
using ClusterChat.Gateway.Connections;

namespace ClusterChat.TestKit;

/// <summary>
/// A connection between a simulated client and a gateway: the gateway's end is a transport as a WebSocket's is,
/// with a bounded window, the client's end hands over frames when the client reads.
/// </summary>
internal sealed class VirtualWire : IClientTransport
{
    private const int Window = 4096;

    private readonly Simulation _simulation;
    private readonly IWireClient _client;
    private readonly SimNode _node;
    private readonly WireDirection<Down> _down;
    private readonly WireDirection<byte[]?> _up;
    private readonly Queue<Down> _inbox = [];
    private readonly Queue<byte[]?> _arrived = [];
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _somethingArrived;
    private int _unread;
    private bool _isReading = true;
    private bool _clientGone;
    private bool _serverGone;

    public VirtualWire(Simulation simulation, IWireClient client, SimNode node, WireDelays delays, long number)
    {
        _simulation = simulation;
        _client = client;
        _node = node;
        Number = number;
        HeardAt = simulation.Clock.Elapsed;
        _down = new WireDirection<Down>(simulation, delays, OnDown);
        _up = new WireDirection<byte[]?>(simulation, delays, OnUp);
    }

    /// <summary>Tells it from all others of the run.</summary>
    public long Number { get; }

    public SimNode Node => _node;

    /// <summary>When the client last took something from it, pings included.</summary>
    public TimeSpan HeardAt { get; private set; }

    /// <summary>The client's end is gone.</summary>
    public bool IsOverForClient => _clientGone;

    /// <summary>False: the client takes nothing from the wire for now.</summary>
    public bool IsReading
    {
        get => _isReading;
        set
        {
            _isReading = value;
            if (value)
            {
                Read();
            }
        }
    }

    /// <summary>The client sends a text frame.</summary>
    public void ClientSend(string frame)
    {
        if (!_clientGone)
        {
            _up.Send(Encoding.UTF8.GetBytes(frame));
        }
    }

    /// <summary>The client closes, and reads no more.</summary>
    public void ClientClose()
    {
        _clientGone = true;
        _up.Send(null);
    }

    /// <summary>The client vanishes without a word: the gateway hears nothing, and its window fills up.</summary>
    public void ClientVanish() => _clientGone = true;

    /// <summary>The wire breaks. Each end finds out by itself.</summary>
    public void Cut()
    {
        var down = _down.Cut();
        var up = _up.Cut();
        _simulation.After(down, () => EndClient(null));
        _simulation.After(up, () => _node.Process.Post(EndServer, "wire is cut"));
    }

    /// <summary>The process at the other end is gone.</summary>
    public void OnNodeKilled()
    {
        _serverGone = true;
        _up.Cut();
        _simulation.After(_down.Cut(), () => EndClient(null));
    }

    /// <summary>The gateway's reading side; runs in its process.</summary>
    public async Task ServeAsync(ClientConnection connection, Action<ClientConnection> remove)
    {
        while (true)
        {
            while (_arrived.TryDequeue(out var frame))
            {
                if (frame is null)
                {
                    connection.Ended();
                    remove(connection);
                    EndServer();
                    return;
                }

                connection.Touch();
                if (frame.Length == sizeof(int))
                {
                    // Shorter than any line of JSON that a client sends: an answer to a ping.
                    connection.Answered(BitConverter.ToInt32(frame));
                }
                else if (frame.Length > 0)
                {
                    await connection.ReceiveAsync([frame]);

                    // The memory is the wire's again: whoever still holds on to it reads garbage.
                    Array.Fill(frame, (byte)'!');
                }
            }

            _somethingArrived = new TaskCompletionSource();
            await _somethingArrived.Task;
        }
    }

    public ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        ThrowIfGone();
        var frame = string.Join('\n', lines.Select(l => Encoding.UTF8.GetString(l.Span)));
        foreach (var line in frame.Split('\n'))
        {
            _client.OnServerLine(this, line);
        }

        return Put(new Down(frame, 0, frame.Length));
    }

    public ValueTask PingAsync(int number)
    {
        ThrowIfGone();
        return Put(new Down("", number, 1));
    }

    public ValueTask CloseAsync(ushort code, string reason)
    {
        ThrowIfGone();
        return Put(new Down(null, code, 1));
    }

    public void Abort()
    {
        if (!_serverGone)
        {
            _simulation.After(_down.Cut(), () => EndClient(null));
            EndServer();
        }
    }

    private ValueTask Put(Down item)
    {
        _down.Send(item);
        _unread += item.Size;
        return _unread <= Window ? ValueTask.CompletedTask : new ValueTask((_room = new TaskCompletionSource()).Task);
    }

    private void ThrowIfGone()
    {
        if (_serverGone)
        {
            throw new IOException("the virtual wire is gone");
        }
    }

    private void OnDown(Down item)
    {
        _inbox.Enqueue(item);
        Read();
    }

    // It is in its place at once; only when the process comes to it is a matter of chance.
    private void OnUp(byte[]? frame)
    {
        _arrived.Enqueue(frame);
        _node.Process.Post(Wake, "frame");
    }

    private void Wake()
    {
        var waiting = _somethingArrived;
        _somethingArrived = null;
        waiting?.SetResult();
    }

    private void Read()
    {
        while (_isReading && !_clientGone && _inbox.TryDequeue(out var item))
        {
            _unread -= item.Size;
            HeardAt = _simulation.Clock.Elapsed;
            if (_unread <= Window && _room is { } room)
            {
                _room = null;
                room.TrySetResult();
            }

            if (item.Frame is null)
            {
                _up.Send(null);
                EndClient(item.Code);
            }
            else if (item.Frame.Length == 0)
            {
                _up.Send(BitConverter.GetBytes(item.Code));
            }
            else
            {
                _client.OnFrame(this, item.Frame);
            }
        }
    }

    private void EndClient(int? code)
    {
        if (!_clientGone)
        {
            _clientGone = true;
            _client.OnEnd(this, code);
        }
    }

    private void EndServer()
    {
        if (!_serverGone)
        {
            _serverGone = true;
            _room?.TrySetException(new IOException("the virtual wire is gone"));
            _arrived.Enqueue(null);
            Wake();
        }
    }

    /// <param name="Frame">A text frame; empty for a ping, null for a close.</param>
    /// <param name="Code">The close's code.</param>
    /// <param name="Size">What it takes up of the window.</param>
    private sealed record Down(string? Frame, int Code, int Size);
}
