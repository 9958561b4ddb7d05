using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Remote.Transport;
using ClusterChat.Actors;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tls;

/// <summary>One connection, as Akka sees it: frames of a length (4 bytes, little-endian) and a payload, in both directions.</summary>
/// <remarks>
/// Akka's actors call <see cref="Write"/> and <see cref="Close"/>, from several threads, and never wait. What a turn writes goes out behind it, on its
/// thread, and so does what gathers while the socket is full. A task reads once Akka has said who listens.
/// </remarks>
internal sealed class TlsAssociation : AssociationHandle, IRunnable
{
    /// <summary>What Akka wraps around a message after it has compared its length, and some room.</summary>
    private const int Overhead = 1024;

    private const int HeaderBytes = sizeof(int);

    /// <summary>About how much goes into one write, and is read at once: four records of TLS.</summary>
    private const int BatchBytes = 64 * 1024;

    private readonly SslStream _stream;
    private readonly RemoteLinkSetup _setup;
    private readonly int _maxFrame;
    private readonly CancellationTokenSource _abort;
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // Guarded by the gate: what waits for the writer, and whether there is one, which takes turns with it.
    private ArrayBufferWriter<byte> _gathered = new(BatchBytes);
    private bool _isWriting;
    private volatile bool _closing;

    // The writer's.
    private ArrayBufferWriter<byte> _leaving = new(BatchBytes);

    // Gathered and leaving, in bytes.
    private long _waiting;

    public TlsAssociation(Address local, Address remote, SslStream stream, RemoteLinkSetup setup)
        : base(local, remote)
    {
        (_stream, _setup) = (stream, setup);
        _maxFrame = setup.Options.MaxMessageBytes + Overhead;
        _abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, setup.Clock);
    }

    /// <summary>Takes a payload to be written. False asks Akka to come again with it.</summary>
    public override bool Write(ByteString payload)
    {
        if (payload.Length > _maxFrame)
        {
            // Coming again with it would be no use.
            _setup.Logger.MessageTooLarge(RemoteAddress.ToString(), payload.Length, _maxFrame);
            return true;
        }

        lock (_gate)
        {
            // Looked at before, not after: one message always fits, however long it is.
            if (_closing || Interlocked.Read(ref _waiting) >= _setup.Options.MaxWaitingBytes)
                return false;
            Append(_gathered, payload);
            Interlocked.Add(ref _waiting, HeaderBytes + payload.Length);
            if (_isWriting)
                return true;
            _isWriting = true;
        }

        ChainDispatcher.RunBehind(this);
        return true;
    }

    void IRunnable.Run() => _ = WriteAsync();

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

#pragma warning disable CS0672 // Akka's other overload, with a reason, calls this one.
    public override void Disassociate() => Close();
#pragma warning restore CS0672

    /// <summary>Ends it when what waits is written, or cannot be written in time.</summary>
    public void Close()
    {
        bool begins;
        lock (_gate)
        {
            if (_closing)
                return;
            _closing = true;
            (begins, _isWriting) = (!_isWriting, true);
        }

        _abort.CancelAfter(_setup.Options.DrainTimeout);
        if (begins)
            ChainDispatcher.RunBehind(this);
    }

    /// <summary>Carries the connection to its end. Does not throw.</summary>
    public async Task RunAsync()
    {
        var reason = await ReadAsync();
        await _written.Task;
        await _stream.DisposeAsync();
        _setup.Logger.Ended(RemoteAddress.ToString(), reason);
    }

    private async Task<string> ReadAsync()
    {
        var reason = "this node ended it";
        IHandleEventListener? listener = null;
        try
        {
            // Akka's actor sets it within a turn, and goes on only when what follows has let it.
            listener = await ReadHandlerSource.Task.WaitAsync(_abort.Token).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            reason = await ReadFramesAsync(listener);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or AuthenticationException)
        {
            reason = e.GetBaseException().Message;
        }
        catch (Exception e)
        {
            _setup.Logger.LinkFailed(RemoteAddress.ToString(), e);
        }

        // Who reads no more needs not be written to: Akka's orderly ends are messages, and have come before.
        Close();
        await _abort.CancelAsync();
        listener?.Notify(new Disassociated(DisassociateInfo.Unknown));
        return reason;
    }

    private async Task<string> ReadFramesAsync(IHandleEventListener listener)
    {
        var come = new List<ByteString>();
        var reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: BatchBytes, leaveOpen: true));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(_abort.Token);
                var buffer = result.Buffer;
                while (TryReadFrame(ref buffer, out var payload))
                    come.Add(payload);

                // What has come together is told together, and who it is for runs behind that on this thread: a turn sees all of it.
                // When this side has ended it, what still comes is only drained, so that the other side's last writes meet no reset.
                if (!_closing)
                    ChainDispatcher.Execute((listener, come), static told => told.come.ForEach(payload => told.listener.Notify(new InboundPayload(payload))));
                come.Clear();

                if (Length(buffer) is { } next && (next < 0 || next > _maxFrame))
                {
                    _setup.Logger.FrameTooLarge(RemoteAddress.ToString(), next, _maxFrame);
                    return "a frame was too large";
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                    return "the other side ended it";
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private bool TryReadFrame(ref ReadOnlySequence<byte> buffer, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ByteString? payload)
    {
        payload = null;
        var length = Length(buffer) ?? -1;
        if (length < 0 || length > _maxFrame || buffer.Length < HeaderBytes + length)
            return false;
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        buffer.Slice(HeaderBytes, length).CopyTo(bytes);
        payload = UnsafeByteOperations.UnsafeWrap(bytes);
        buffer = buffer.Slice(HeaderBytes + length);
        return true;
    }

    private static int? Length(ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < HeaderBytes)
            return null;
        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        return BinaryPrimitives.ReadInt32LittleEndian(header);
    }

    /// <summary>Writes what has gathered, until nothing has; and the end behind it, if this side has ended it.</summary>
    private async Task WriteAsync()
    {
        try
        {
            bool ends;
            while (TakeGathered(out ends))
            {
                for (var at = 0; at < _leaving.WrittenCount; at += BatchBytes)
                {
                    var part = _leaving.WrittenMemory[at..Math.Min(_leaving.WrittenCount, at + BatchBytes)];
                    await _stream.WriteAsync(part, _abort.Token);
                    Interlocked.Add(ref _waiting, -part.Length);
                }

                // What a large message or a standstill needed is not kept for small ones.
                if (_leaving.Capacity > 4 * BatchBytes)
                    _leaving = new ArrayBufferWriter<byte>(BatchBytes);
                _leaving.ResetWrittenCount();
            }

            if (!ends)
                return;

            // The other side reads an end, not a reset; this side reads on until it has ended its own.
            _abort.Token.ThrowIfCancellationRequested();
            await _stream.ShutdownAsync().WaitAsync(_abort.Token);
            _written.TrySetResult();
            return;
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or AuthenticationException)
        {
            // Reading meets the same, and says so.
        }
        catch (Exception e)
        {
            _setup.Logger.LinkFailed(RemoteAddress.ToString(), e);
        }

        Close();
        await _abort.CancelAsync();
        _written.TrySetResult();
    }

    /// <summary>Takes what has gathered.</summary>
    /// <param name="ends">Nothing has, and nothing will: this side has ended it.</param>
    /// <returns>False: nothing has, and this writer is done. The next one begins with what is written next.</returns>
    private bool TakeGathered(out bool ends)
    {
        lock (_gate)
        {
            ends = _closing && _gathered.WrittenCount == 0;
            if (_gathered.WrittenCount == 0)
            {
                // Who ends it stays the last one.
                _isWriting = ends;
                return false;
            }

            (_gathered, _leaving) = (_leaving, _gathered);
            return true;
        }
    }

    private static void Append(ArrayBufferWriter<byte> batch, ByteString payload)
    {
        var span = batch.GetSpan(HeaderBytes + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span, payload.Length);
        payload.Span.CopyTo(span[HeaderBytes..]);
        batch.Advance(HeaderBytes + payload.Length);
    }
}
