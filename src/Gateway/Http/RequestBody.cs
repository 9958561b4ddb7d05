using System.Buffers;
using System.IO.Pipelines;
using ClusterChat.Gateway.Limits;
using ClusterChat.Gateway.Sockets;
using ClusterChat.Gateway.WebSockets;
using ClusterChat.Protocol;
using Microsoft.AspNetCore.Http;

namespace ClusterChat.Gateway.Http;

/// <summary>The body of a request that does not come in at once: what of it is there counts, and it has to go on.</summary>
/// <remarks>
/// The server's own rule for the latter, MinRequestBodyDataRate, takes the average since the beginning: who sends 65,000 bytes at once may be silent for
/// 270 s then.
/// </remarks>
internal sealed class RequestBody : IUnfinished
{
    private static readonly ProtocolError NoRoom = new(ErrorCode.Busy, "There is no room for more unfinished requests.", 5000);
    private static readonly ProtocolError TooSlow = new(ErrorCode.Unavailable, "The body did not go on.", 1000);

    private readonly Lock _gate = new();
    private readonly PipeReader _reader;
    private readonly UnfinishedInput _unfinished;
    private PooledBytes _bytes;
    private (int Status, ProtocolError Error)? _end;
    private bool _isOver;
    private bool _waits;
    private long _arrived;
    private long _held;

    private RequestBody(PipeReader reader, UnfinishedInput unfinished) => (_reader, _unfinished) = (reader, unfinished);

    /// <inheritdoc/>
    public long HeldBytes => Interlocked.Read(ref _held);

    /// <inheritdoc/>
    public long? Arrived => Interlocked.Read(ref _arrived);

    /// <summary>Reads a body to its end. Where it is refused, that is answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="most">The longest, in bytes.</param>
    /// <param name="unfinished">Where it counts as long as it is not whole.</param>
    /// <returns>Null where it was refused.</returns>
    public static async ValueTask<byte[]?> ReadAsync(HttpContext context, int most, UnfinishedInput unfinished)
    {
        var reader = context.Request.BodyReader;
        var reading = reader.ReadAsync(context.RequestAborted);
        if (!reading.IsCompletedSuccessfully)
        {
            return await new RequestBody(reader, unfinished).ReadAsync(context, most, reading);
        }

        var read = reading.Result;
        if (!read.IsCompleted && read.Buffer.Length <= most)
        {
            return await new RequestBody(reader, unfinished).ReadAsync(context, most, new(read));
        }

        // As nearly always.
        var body = read.Buffer.Length <= most ? read.Buffer.ToArray() : null;
        reader.AdvanceTo(read.Buffer.End);
        if (body is null)
        {
            await RefuseAsync(context, most);
        }

        return body;
    }

    /// <inheritdoc/>
    public void GiveUp() => End(StatusCodes.Status503ServiceUnavailable, NoRoom);

    /// <inheritdoc/>
    public void Stall() => End(StatusCodes.Status408RequestTimeout, TooSlow);

    private static Task RefuseAsync(HttpContext context, int most)
        => Problems.WriteAsync(context, new ProtocolError(ErrorCode.TooLong, $"The body must not be longer than {most} bytes."));

    private async ValueTask<byte[]?> ReadAsync(HttpContext context, int most, ValueTask<ReadResult> reading)
    {
        var connection = HttpProtocol.IsHttp2(context.Request.Protocol) ? null : context.Features.Get<SocketConnection>();
        connection?.Reading = this;
        try
        {
            while (true)
            {
                if (!reading.IsCompleted)
                {
                    Count(waits: true);
                    _unfinished.Begin(this);
                }

                var read = await reading;
                if (GoOn() is var (status, error))
                {
                    _reader.AdvanceTo(read.Buffer.End);
                    if (connection is not null)
                    {
                        // So that what is still to come of it is not waited for.
                        context.Response.Headers.Connection = "close";
                    }

                    await Problems.WriteAsync(context, status, error);
                    return null;
                }

                if (_bytes.Length + read.Buffer.Length > most)
                {
                    _reader.AdvanceTo(read.Buffer.End);
                    await RefuseAsync(context, most);
                    return null;
                }

                foreach (var piece in read.Buffer)
                {
                    _bytes.Append(piece.Span);
                }

                // All of it, so that it is held once.
                _reader.AdvanceTo(read.Buffer.End);
                Interlocked.Exchange(ref _arrived, _bytes.Length);
                if (read.IsCompleted)
                {
                    return _bytes.Memory.ToArray();
                }

                reading = _reader.ReadAsync(context.RequestAborted);
            }
        }
        finally
        {
            connection?.Reading = null;
            _bytes.Clear();
            Count(isOver: true);
            _unfinished.End(this);
        }
    }

    private (int Status, ProtocolError Error)? GoOn()
    {
        lock (_gate)
        {
            _waits = false;
            return _end;
        }
    }

    private void Count(bool waits = false, bool isOver = false)
    {
        lock (_gate)
        {
            (_waits, _isOver) = (waits, isOver);
            var held = isOver ? 0 : _bytes.Capacity + UnfinishedInput.ConnectionBytes;
            var more = held - _held;
            Interlocked.Exchange(ref _held, held);
            if (more > 0)
            {
                _unfinished.Budget.Add(this, more);
            }
            else if (more < 0)
            {
                _unfinished.Budget.Remove(this, -more);
            }
        }
    }

    private void End(int status, ProtocolError error)
    {
        lock (_gate)
        {
            // The reader belongs to the next request otherwise.
            if (!_isOver)
            {
                _end ??= (status, error);
                if (_waits)
                {
                    // At once: whoever reads may have to wait for a thread.
                    _bytes.Clear();
                    _unfinished.Budget.Remove(this, Interlocked.Exchange(ref _held, 0));
                }

                _reader.CancelPendingRead();
            }
        }
    }
}
