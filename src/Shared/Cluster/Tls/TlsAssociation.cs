using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Remote.Transport;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Cluster.Tls;

/// <summary>One connection, as Akka sees it: frames of a length (4 bytes, little-endian) and a payload, in both directions.</summary>
/// <remarks>
/// Akka's actors call <see cref="Write"/> and <see cref="Close"/>, from several threads, and never wait. One task writes:
/// what gathers while it waits for the socket goes out together. Another reads once Akka has said who listens.
/// </remarks>
internal sealed class TlsAssociation : AssociationHandle
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
    private readonly Channel<ByteString> _outgoing = Channel.CreateUnbounded<ByteString>(new UnboundedChannelOptions { SingleReader = true });
    private long _waiting;
    private volatile bool _closing;

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

        // Looked at before, not after: one message always fits, however long it is.
        if (Interlocked.Read(ref _waiting) >= _setup.Options.MaxWaitingBytes)
            return false;
        Interlocked.Add(ref _waiting, HeaderBytes + payload.Length);
        if (_outgoing.Writer.TryWrite(payload))
            return true;
        Interlocked.Add(ref _waiting, -HeaderBytes - payload.Length);
        return false;
    }

#pragma warning disable CS0672 // Akka's other overload, with a reason, calls this one.
    public override void Disassociate() => Close();
#pragma warning restore CS0672

    /// <summary>Ends it when what waits is written, or cannot be written in time.</summary>
    public void Close()
    {
        _closing = true;
        if (_outgoing.Writer.TryComplete())
            _abort.CancelAfter(_setup.Options.DrainTimeout);
    }

    /// <summary>Carries the connection to its end. Does not throw.</summary>
    public async Task RunAsync()
    {
        var reading = ReadAsync();
        var writing = WriteAsync();
        var reason = await Task.WhenAll(reading, writing);
        await _stream.DisposeAsync();
        _setup.Logger.Ended(RemoteAddress.ToString(), reason[0]);
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
        _closing = true;
        _outgoing.Writer.TryComplete();
        await _abort.CancelAsync();
        listener?.Notify(new Disassociated(DisassociateInfo.Unknown));
        return reason;
    }

    private async Task<string> ReadFramesAsync(IHandleEventListener listener)
    {
        var reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: BatchBytes, leaveOpen: true));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(_abort.Token);
                var buffer = result.Buffer;
                while (TryReadFrame(ref buffer, out var payload))
                {
                    // When this side has ended it, what still comes is only drained, so that the other side's last writes meet no reset.
                    if (!_closing)
                        listener.Notify(new InboundPayload(payload));
                }

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

    private async Task<string> WriteAsync()
    {
        var batch = new ArrayBufferWriter<byte>(BatchBytes);
        try
        {
            while (await _outgoing.Reader.WaitToReadAsync(_abort.Token))
            {
                while (_outgoing.Reader.TryRead(out var payload))
                {
                    Append(batch, payload);
                    if (batch.WrittenCount >= BatchBytes)
                        batch = await FlushAsync(batch);
                }

                batch = await FlushAsync(batch);
            }

            // The other side reads an end, not a reset; this side reads on until it has ended its own.
            await _stream.ShutdownAsync().WaitAsync(_abort.Token);
            return string.Empty;
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

        _outgoing.Writer.TryComplete();
        await _abort.CancelAsync();
        return string.Empty;
    }

    private static void Append(ArrayBufferWriter<byte> batch, ByteString payload)
    {
        var span = batch.GetSpan(HeaderBytes + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span, payload.Length);
        payload.Span.CopyTo(span[HeaderBytes..]);
        batch.Advance(HeaderBytes + payload.Length);
    }

    private async Task<ArrayBufferWriter<byte>> FlushAsync(ArrayBufferWriter<byte> batch)
    {
        if (batch.WrittenCount == 0)
            return batch;
        await _stream.WriteAsync(batch.WrittenMemory, _abort.Token);
        Interlocked.Add(ref _waiting, -batch.WrittenCount);
        batch.ResetWrittenCount();

        // A large message's buffer is not kept for small ones.
        return batch.Capacity > 4 * BatchBytes ? new ArrayBufferWriter<byte>(BatchBytes) : batch;
    }
}
