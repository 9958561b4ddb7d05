using System.Collections.Concurrent;
using System.Globalization;
using System.Linq.Expressions;
using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.Gateway.Identity;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Gateway.Connections;

/// <summary>The connections of a gateway: opens them, looks at the clock for all of them, and drains them.</summary>
internal sealed class ConnectionRegistry : IDisposable
{
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(20);
    private readonly ConcurrentDictionary<long, ClientConnection> _connections = [];
    private readonly ConnectionServices _services;
    private readonly ITimer _sweep;
    private long _lastId;
    private int _places;

    public ConnectionRegistry(ConnectionServices services)
    {
        _services = services;
        services.KeptOut.OnChange = EndKeptOut;
        var second = TimeSpan.FromSeconds(1);
        _sweep = services.Clock.CreateTimer(static registry => ((ConnectionRegistry)registry!).Sweep(), this, second, second);
    }

    /// <summary>How many there are.</summary>
    public int Count => _connections.Count;

    /// <summary>All of them, in no order. Not the dictionary's own list of values, which is a copy.</summary>
    public IEnumerable<ClientConnection> All => _connections.Select(static entry => entry.Value);

    /// <summary>Whether there are as many as there may be.</summary>
    public bool IsFull => Volatile.Read(ref _places) >= _services.Options.MaxConnections;

    /// <summary>Whether another one is welcome.</summary>
    public bool IsOpen => !_services.Drain.HasBegun && !IsFull;

    /// <summary>
    /// Takes a place, before the client hears that it is in: many may be on their way in at once. Given back with
    /// <see cref="Release"/>, after <see cref="Remove"/>.
    /// </summary>
    /// <returns>False: no other one is welcome.</returns>
    public bool TryReserve()
    {
        if (_services.Drain.HasBegun)
        {
            return false;
        }

        if (Interlocked.Increment(ref _places) <= _services.Options.MaxConnections)
        {
            return true;
        }

        Release();
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Release() => Interlocked.Decrement(ref _places);

    /// <summary>Opens a connection that speaks JSON.</summary>
    /// <param name="transport">The wire.</param>
    /// <param name="token">The token that came with the upgrade; used where the hello has none.</param>
    /// <param name="allowance">What it takes of the limits; given back when the connection is removed.</param>
    public ClientConnection OpenJson(IClientTransport transport, string? token = null, ClientAllowance? allowance = null)
    {
        var connection = new JsonConnection(NextId(), transport, _services) { Token = token, Allowance = allowance };
        return Open(connection, () => new JsonConnectionActor(connection, _services));
    }

    /// <summary>Opens a bare connection to one room.</summary>
    public ClientConnection OpenPlain(IClientTransport transport, string room, ClientIdentity who, ClientAllowance? allowance = null)
    {
        var connection = new PlainConnection(NextId(), transport, _services) { Who = who, Allowance = allowance };
        return Open(connection, () => new PlainConnectionActor(connection, _services, room, who));
    }

    /// <summary>Opens a stream of Server-Sent Events of one room.</summary>
    public SseConnection OpenSse(IClientTransport transport, SseRequest request, ClientAllowance? allowance = null)
    {
        var connection = new SseConnection(NextId(), transport, _services) { Who = request.Who, Allowance = allowance };
        Open(connection, () => new SseConnectionActor(connection, _services, request));
        return connection;
    }

    /// <summary>Forgets a connection whose reading side has ended.</summary>
    public void Remove(ClientConnection connection)
    {
        if (_connections.TryRemove(connection.Id, out _))
        {
            // Its end, as its client or this gateway wanted it, is known by now; what follows is a consequence.
            _services.Metrics.Closed(Kind(connection), connection.Outbox.Closing);
        }

        connection.Outbox.Abandon();
        connection.Ended();
    }

    /// <summary>Ends the connections of those who are kept out.</summary>
    /// <returns>How many there are.</returns>
    public int EndKeptOut() => All.Count(c => c.EndIfKeptOut(_services.KeptOut));

    /// <summary>
    /// Leaves: takes no new connections, asks the clients to go to other gateways, waits for the acks of what
    /// they have sent, and closes.
    /// </summary>
    /// <param name="elsewhere">Whether there are other gateways (still); if not, nobody is asked to go there first.</param>
    /// <param name="grace">The time that all of it may take.</param>
    public async Task DrainAsync(Func<bool> elsewhere, TimeSpan grace)
    {
        var clock = _services.Clock;
        var start = clock.GetTimestamp();
        _services.Drain.Begin();
        _services.Logger.DrainBegun(Count, grace);
        if (elsewhere())
        {
            var spread = grace / 2;
            foreach (var connection in All)
            {
                connection.SendDrain((int)spread.TotalMilliseconds);
            }

            await WaitAsync(() => _connections.IsEmpty || !elsewhere(), spread);
        }

        _services.Drain.StopReading();
        await WaitAsync(() => _services.Rooms.Unacked == 0 && All.All(c => c.Unacked == 0), Left() - _services.Options.CloseTimeout);
        foreach (var connection in All)
        {
            connection.Outbox.Close(CloseReason.Shutdown, CloseReason.Shutdown.Text());
        }

        await WaitAsync(() => _connections.IsEmpty, TimeSpan.FromTicks(Math.Min(Left().Ticks, _services.Options.CloseTimeout.Ticks)));
        _services.Logger.DrainEnded(Count, _services.Rooms.Unacked, clock.GetElapsedTime(start));
        foreach (var connection in All)
        {
            connection.Abort();
        }

        TimeSpan Left() => grace - clock.GetElapsedTime(start);

        async Task WaitAsync(Func<bool> done, TimeSpan most)
        {
            var since = clock.GetTimestamp();
            while (!done() && clock.GetElapsedTime(since) < most)
            {
                await Task.Delay(DrainPoll, clock);
            }
        }
    }

    /// <summary>Cuts whoever is left: not all sockets are the web server's to close.</summary>
    public void Dispose()
    {
        _sweep.Dispose();
        foreach (var connection in All)
        {
            connection.Abort();
        }
    }

    private long NextId() => Interlocked.Increment(ref _lastId);

    private ClientConnection Open<TActor>(ClientConnection connection, Expression<Func<TActor>> create)
        where TActor : ConnectionActor
    {
        connection.Actor = _services.System.ActorOf(
            Props.Create(create).WithMailbox(MailboxNames.Small), string.Create(CultureInfo.InvariantCulture, $"connection-{connection.Id}"));
        _connections[connection.Id] = connection;
        _services.Metrics.Opened(Kind(connection));
        return connection;
    }

    private static ConnectionKind Kind(ClientConnection connection) => connection switch
    {
        PlainConnection => ConnectionKind.Plain,
        SseConnection => ConnectionKind.ServerSentEvents,
        _ => ConnectionKind.Json,
    };

    private void Sweep()
    {
        foreach (var connection in All)
        {
            connection.Sweep(_services.Options);
        }

        if (_services.KeptOut.IsFresh)
        {
            EndKeptOut();
        }

        _services.Rooms.Sweep();
        _services.Limits.Sweep();
        _services.Output.Sweep();
    }
}
