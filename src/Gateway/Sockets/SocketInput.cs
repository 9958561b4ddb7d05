using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using ClusterChat.Gateway.Limits;

namespace ClusterChat.Gateway.Sockets;

/// <summary>
/// The web server's end of what a client sends, which knows how much of it is held: what waits in the pipe, and the headers in the server's hands.
/// </summary>
/// <remarks>
/// It is counted when one of both sides has to wait: the receiver for the client or for room in the pipe, the server for more. So a request that comes in
/// whole costs a comparison. A body is counted by who reads it, <see cref="Http.RequestBody"/>.
/// </remarks>
/// <param name="pipe">What has come in.</param>
/// <param name="budget">Where it counts.</param>
/// <param name="begun">Called when the server has looked at what came first. May be called again.</param>
/// <param name="giveUp">Ends the connection.</param>
internal sealed class SocketInput(PipeReader pipe, ByteBudget budget, Action begun, Action giveUp) : PipeReader, IByteHolder
{
    /// <summary>The size of a block of the server's memory, and of the pipe's segments.</summary>
    private const int Segment = 4096;

    /// <summary>
    /// What a byte of a header becomes in the server: a string has two bytes for it, and each of up to 100 headers something besides.
    /// </summary>
    private const int HeaderFactor = 3;

    /// <summary>The most that the server keeps of headers, its MaxRequestHeadersTotalSize; what else it consumes it throws away.</summary>
    private const int MostHeaders = 32 * 1024;

    /// <summary>What a request of usual size needs belongs to the connection itself, of which <see cref="SocketTable"/> bounds the number.</summary>
    private const int Free = 2 * Segment;

    private readonly Lock _gate = new();
    private ReadOnlySequence<byte> _read;
    private volatile bool _serverWaits;
    private long _received;
    private long _consumed;

    // What was consumed when the last request was answered, and what the headers of those were that are being answered.
    private long _settled;
    private long _headers;
    private int _answering;
    private bool _isOver;
    private long _held;

    /// <inheritdoc/>
    public long HeldBytes => Interlocked.Read(ref _held);

    /// <summary>How many bytes have come in.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Whether the server has looked at all that came, and waits for more.</summary>
    public bool ServerWaits => _serverWaits;

    /// <summary>Whether a request has begun, and none is being answered.</summary>
    public bool HasHalfRequest
    {
        get
        {
            lock (_gate)
            {
                return _answering == 0 && _received > _settled;
            }
        }
    }

    /// <inheritdoc/>
    void IByteHolder.GiveUp() => giveUp();

    /// <summary>Before bytes go into the pipe. By the receiver.</summary>
    public void Add(int count)
    {
        Interlocked.Add(ref _received, count);
        _serverWaits = false;
    }

    /// <summary>A whole request is there.</summary>
    /// <returns>Whether it is the only one: over HTTP/2 there may be others.</returns>
    public bool BeginAnswer()
    {
        bool isOnly;
        lock (_gate)
        {
            _headers += Math.Min(_consumed - _settled, MostHeaders);
            _settled = _consumed;
            isOnly = ++_answering == 1;
        }

        Settle();
        return isOnly;
    }

    /// <summary>It was answered.</summary>
    /// <returns>Whether it was the only one.</returns>
    public bool EndAnswer()
    {
        lock (_gate)
        {
            _settled = _consumed;
            if (--_answering > 0)
            {
                return false;
            }

            _headers = 0;
        }

        Settle();
        return true;
    }

    /// <summary>Counts what is held by now. To be called where somebody has to wait.</summary>
    public void Settle()
    {
        if (Volatile.Read(ref _held) == Measure())
        {
            return;
        }

        lock (_gate)
        {
            var more = Measure() - _held;
            Interlocked.Add(ref _held, more);
            if (more > 0)
            {
                budget.Add(this, more);
            }
            else if (more < 0)
            {
                budget.Remove(this, -more);
            }
        }
    }

    /// <summary>Nothing is held any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        Settle();
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        // Set first: what comes in meanwhile takes it back, or is seen by the read.
        _serverWaits = true;
        var reading = pipe.ReadAsync(cancellationToken);
        if (reading.IsCompletedSuccessfully)
        {
            return new(Seen(reading.Result));
        }

        Settle();
        if (Received > 0)
        {
            begun();
        }

        return WaitAsync(reading);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!pipe.TryRead(out result))
        {
            return false;
        }

        Seen(result);
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_read.IsEmpty)
        {
            Interlocked.Add(ref _consumed, _read.Slice(0, consumed).Length);
            _read = default;
        }

        pipe.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => pipe.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => pipe.Complete(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading) => Seen(await reading);

    private ReadResult Seen(ReadResult result)
    {
        _serverWaits = false;
        _read = result.Buffer;
        return result;
    }

    private long Measure()
    {
        if (Volatile.Read(ref _isOver))
        {
            return 0;
        }

        var consumed = Interlocked.Read(ref _consumed);
        var waiting = Math.Max(0, Interlocked.Read(ref _received) - consumed);
        var headers = Volatile.Read(ref _answering) > 0 ? Volatile.Read(ref _headers) : Math.Clamp(consumed - Volatile.Read(ref _settled), 0, MostHeaders);
        var held = ((waiting + Segment - 1) / Segment * Segment) + (headers * HeaderFactor);

        // What there is besides is counted by who reads the body of a request that is being answered.
        return held <= Free ? 0 : Volatile.Read(ref _answering) > 0 ? held : held + UnfinishedInput.ConnectionBytes;
    }
}
