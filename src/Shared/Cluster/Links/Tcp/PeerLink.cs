using System.Net.Sockets;
using System.Threading.Channels;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>One peer: its queue, and the loop that dials it, writes what waits, and dials again.</summary>
internal sealed class PeerLink
{
    // A connection that lasted this long was a good one: it is dialled again without a pause.
    private static readonly TimeSpan GoodConnection = TimeSpan.FromSeconds(1);

    private readonly LinkContext _context;
    private readonly CancellationTokenSource _stop;
    private readonly Channel<bool> _nudge = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private string? _logged;
    private volatile bool _connected;
    private volatile bool _wanted;

    public PeerLink(LinkContext context, ClusterNode peer, PeerState state)
    {
        _context = context;
        _stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, context.Clock);
        Peer = peer;
        Id = peer.Id;
        State = state;
        Queue = new PeerQueue(context.Options, context.Metrics, context.Clock);
    }

    public ClusterNode Peer { get; }

    public string Id { get; }

    public PeerState State { get; }

    public PeerQueue Queue { get; }

    /// <summary>This node asks for it by itself; set under the owner's lock.</summary>
    public bool Wanted
    {
        get => _wanted;
        set => _wanted = value;
    }

    /// <summary>The peer's connection to this node; guarded by the owner's lock.</summary>
    public IncomingConnection? Incoming { get; set; }

    /// <summary>The peer is there: dial now rather than after the pause.</summary>
    public void Nudge() => _nudge.Writer.TryWrite(true);

    /// <summary>Ends it, after what waits has been written if there is a connection.</summary>
    public void Stop()
    {
        State.Mute();
        Queue.Complete();
        _stop.CancelAfter(_connected ? _context.Options.DrainTimeout : TimeSpan.Zero);
    }

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    public async Task RunAsync()
    {
        for (var attempt = 0; !_stop.IsCancellationRequested; attempt++)
        {
            try
            {
                if (attempt > 0)
                    await PauseAsync(attempt);
                await using var connection = await TryDialAsync();
                if (connection is null)
                    continue;
                var began = _context.Clock.GetTimestamp();
                if (!await PumpAsync(connection))
                    return;
                if (_context.Clock.GetElapsedTime(began) > GoodConnection)
                    attempt = -1;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _connected = false;
                State.Broken();
                _context.Logger.LinkFailed(Id, e);
            }
        }
    }

    /// <returns>False: stopped.</returns>
    private async Task<bool> PumpAsync(OutgoingConnection connection)
    {
        _logged = null;
        _connected = true;
        _context.Metrics.Connected();
        _context.Logger.Dialled(Id, Peer.Address);
        State.Dialled();
        var reason = await connection.PumpAsync(Id, Queue, _stop.Token);
        _connected = false;
        if (reason is null)
            return false;
        State.Broken();
        _context.Logger.Lost(Id, reason);
        return true;
    }

    private async Task<OutgoingConnection?> TryDialAsync()
    {
        try
        {
            return await OutgoingConnection.DialAsync(_context, Peer, dialBack: !Wanted, _stop.Token);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            State.Refused();
            if (IsNews(e.Message))
                _context.Logger.Refused(Id, Peer.Address, e.Message);
        }
        catch (Exception e) when (e is SocketException or IOException or PreambleException or FormatException
            or System.Security.Authentication.AuthenticationException)
        {
            State.Broken();
            if (IsNews(e.Message))
                _context.Logger.NotReached(Id, Peer.Address, e.Message);
        }

        return null;
    }

    private static bool IsRefusal(Exception e) => e
        is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
        or PreambleException { IsCertainlyAnother: true };

    private bool IsNews(string reason)
    {
        var news = reason != _logged;
        _logged = reason;
        return news;
    }

    private async Task PauseAsync(int attempt)
    {
        var longest = _context.Options.FirstBackoff * Math.Pow(2, Math.Min(attempt - 1, 16));
        if (longest > _context.Options.MaxBackoff)
            longest = _context.Options.MaxBackoff;
        using var pause = new CancellationTokenSource(longest * (0.5 + (Random.Shared.NextDouble() / 2)), _context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, _stop.Token);
        try
        {
            await _nudge.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // The pause is over.
        }
    }
}
