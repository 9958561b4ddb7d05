using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ClusterChat.Cluster.Links.Codec;

namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>A connection that this node dialled: it writes, and reads only to notice the end.</summary>
internal sealed class OutgoingConnection : IAsyncDisposable
{
    // What one write timeout covers.
    private const int PieceBytes = 64 * 1024;

    private readonly LinkContext _context;
    private readonly Stream _stream;
    private readonly PipeReader _input;
    private volatile bool _closed;

    private OutgoingConnection(LinkContext context, Stream stream, PipeReader input)
    {
        _context = context;
        _stream = stream;
        _input = input;
    }

    /// <summary>Dials and goes through the preamble.</summary>
    /// <exception cref="SocketException">Not reached.</exception>
    /// <exception cref="PreambleException">Reached, but not the right one.</exception>
    /// <exception cref="IOException">It broke on the way.</exception>
    /// <exception cref="FormatException">The address is none.</exception>
    public static async Task<OutgoingConnection> DialAsync(
        LinkContext context, ClusterNode peer, bool dialBack, CancellationToken cancellationToken)
    {
        var stream = await ConnectAsync(context, peer.Address, cancellationToken);
        using var timeout = new CancellationTokenSource(context.Options.PreambleTimeout, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            if (context.Options.Upgrade is { } upgrade)
                stream = await upgrade(stream, server: false, either.Token);
            var input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
            var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
            await context.Preamble.DialAsync(new PreambleStream(input, output), peer, dialBack, either.Token);
            return new OutgoingConnection(context, stream, input);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await stream.DisposeAsync();
            throw new PreambleException(Wire.Fault.TimedOut);
        }
        catch (Exception e) when (stream is SslStream && e is IOException or PreambleException { Fault: Wire.Fault.Closed })
        {
            // In TLS 1.3 the side that dials has finished before the other one has seen its certificate.
            await stream.DisposeAsync();
            throw new LinkTlsException("it ended the connection after the TLS handshake; its log says whether it refused this node's certificate", e);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends what is in the queue until it is complete and empty.</summary>
    /// <returns>Why the connection is of no more use; null where the queue has come to its end.</returns>
    public async Task<string?> PumpAsync(string peer, PeerQueue queue, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = WatchAsync(end);
        string? reason = null;
        try
        {
            await WriteAllAsync(peer, queue, end);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reason = _closed ? "the peer closed it" : $"nothing could be written for {_context.Options.WriteTimeout}";
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            reason = e.Message;
        }
        finally
        {
            await end.CancelAsync();
            await watch;
        }

        return reason;
    }

    public async ValueTask DisposeAsync()
    {
        await _input.CompleteAsync();
        await _stream.DisposeAsync();
    }

    private static async Task<Stream> ConnectAsync(LinkContext context, string address, CancellationToken cancellationToken)
    {
        var endPoint = Parse(address);
        var socket = endPoint is IPEndPoint
            ? new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(context.Options.ConnectTimeout, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            LinkSockets.Configure(socket, context.Options.WriteTimeout);
            await socket.ConnectAsync(endPoint, either.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static EndPoint Parse(string address)
    {
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is 0 or > IPEndPoint.MaxPort)
            throw new FormatException($"'{address}' is not host:port");
        return IPEndPoint.TryParse(address, out var ip) ? ip : new DnsEndPoint(address[..colon], port);
    }

    private async Task WriteAllAsync(string peer, PeerQueue queue, CancellationTokenSource end)
    {
        var frames = new FrameWriter(_context.Self.Id, _context.Options.MaxFrameBytes);
        var batch = new List<LinkMessage>();
        await using var timer = _context.Clock.CreateTimer(
            static end => ((CancellationTokenSource)end!).Cancel(), end, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (await queue.WaitAsync(end.Token))
        {
            var ended = queue.Take(batch, _context.Options.BatchBytes, out var oldest);
            if (ended > 0)
                _context.Logger.StreamsEnded(peer, ended);
            foreach (var message in batch)
            {
                Add(frames, message, peer);
            }

            frames.EndFrame();
            for (var rest = frames.Written; !rest.IsEmpty; rest = rest[Math.Min(PieceBytes, rest.Length)..])
            {
                timer.Change(_context.Options.WriteTimeout, Timeout.InfiniteTimeSpan);
                await _stream.WriteAsync(rest[..Math.Min(PieceBytes, rest.Length)], end.Token);
            }

            await _stream.FlushAsync(end.Token);
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _context.Metrics.Sent(batch.Count, frames.Written.Length, oldest is { } since ? _context.Clock.GetElapsedTime(since) : null);
            batch.Clear();
            frames.Clear();
        }
    }

    // A message that has no wire form is a defect of this program; it must not cost those around it.
    private void Add(FrameWriter frames, LinkMessage message, string peer)
    {
        try
        {
            if (!frames.Add(message))
                _context.Logger.MessageTooLarge(message.GetType().Name, peer, _context.Options.MaxFrameBytes);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NullReferenceException)
        {
            _context.Logger.MessageNotEncoded(message.GetType().Name, peer, e);
        }
    }

    // The accepter sends nothing after the preamble, so this ends with the connection.
    private async Task WatchAsync(CancellationTokenSource end)
    {
        try
        {
            while (await _input.ReadAsync(end.Token) is { IsCompleted: false } result)
            {
                _input.AdvanceTo(result.Buffer.End);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It ended; the writer says so.
        }

        // Where the writer gave up first, this is the consequence.
        _closed = !end.IsCancellationRequested;
        await end.CancelAsync();
    }
}
