using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace ClusterChat.Gateway.WebSockets;

/// <summary>
/// The server's side of RFC 6455, sections 5 to 8, without I/O: takes a client's bytes as they come and tells
/// what they say. The findings do not depend on how the bytes were cut into reads.
/// </summary>
/// <remarks>
/// <para>
/// A message that arrives in one piece is unmasked where it lies and never copied. One that arrives in several
/// is gathered in a pooled array no larger than twice what has come. A length is checked against the limit before
/// its payload is taken.
/// </para>
/// <para>
/// After a violation only a close frame is told, so that the closing handshake can complete: the frames of a
/// binary, overlong or ill-encoded message are skipped; after a broken header everything is, since where a frame
/// begins is no longer known. After a close frame, which ends what a client may say, everything is skipped.
/// </para>
/// </remarks>
/// <param name="maxMessageBytes">The longest message, over all its fragments, in bytes.</param>
internal sealed class FrameReader(int maxMessageBytes) : IDisposable
{
    private const int MaxHeader = FrameHeader.MaxLength;

    /// <summary>
    /// A fragment that is shorter has no reason but to be one. Who streams a message fills at least a packet (RFC 9293 has 1,220 bytes
    /// for IPv6).
    /// </summary>
    private const int LeastFragment = 1024;

    private PartialHeader _partial;
    private int _partialLength;

    private FrameHeader _frame;
    private long _left;
    private bool _inPayload;
    private bool _skipPayload;

    private PooledBytes _message;
    private PooledBytes _control;
    private bool _inMessage;
    private Delivered _delivered;
    private Hearing _hearing;
    private int _idle;

    private enum Delivered
    {
        Nothing,
        Message,
        Control,
    }

    private enum Hearing
    {
        Everything,
        CloseOnly,
        Nothing,
    }

    /// <summary>
    /// Takes bytes from the front of <paramref name="input"/>, which is changed in place, until there is
    /// something to tell or nothing is left. To be called until it answers <see cref="FrameEventKind.None"/>.
    /// </summary>
    public FrameEvent Read(ref Memory<byte> input)
    {
        Release();
        while (true)
        {
            if (_hearing == Hearing.Nothing)
            {
                input = default;
                return default;
            }

            if (!_inPayload)
            {
                switch (TakeHeader(ref input, out var violation))
                {
                    case FrameHeaderStatus.Incomplete:
                        return default;
                    case FrameHeaderStatus.Invalid:
                        if (Refuse(violation, Hearing.Nothing) is { Kind: not FrameEventKind.None } refused)
                        {
                            return refused;
                        }

                        continue;
                    default:
                        if (BeginFrame() is { Kind: not FrameEventKind.None } begun)
                        {
                            return begun;
                        }

                        break;
                }
            }

            if (TakePayload(ref input, out var piece) && EndFrame(piece) is { Kind: not FrameEventKind.None } found)
            {
                return found;
            }

            if (input.IsEmpty)
            {
                return default;
            }
        }
    }

    /// <summary>Whether what was told last is in memory of the reader's own, and gone with the next call of <see cref="Read"/>.</summary>
    public bool LendsMemory => _delivered != Delivered.Nothing;

    /// <summary>How many bytes of memory an unfinished message or control frame holds.</summary>
    public int HeldBytes => _message.Capacity + _control.Capacity;

    /// <summary>How many bytes of it are there.</summary>
    public int KeptBytes => _message.Length + _control.Length;

    /// <summary>Gives up what has begun, and tells nothing of what follows but a close frame.</summary>
    public void Drop()
    {
        _skipPayload = true;
        _control.Clear();
        StopListening(_hearing == Hearing.Everything ? Hearing.CloseOnly : _hearing);
    }

    /// <summary>How many pings, pongs and needlessly short fragments have come since the last call.</summary>
    public int TakeIdle()
    {
        var idle = _idle;
        _idle = 0;
        return idle;
    }

    /// <summary>Gives back what an unfinished message holds.</summary>
    public void Dispose()
    {
        _hearing = Hearing.Nothing;
        _message.Clear();
        _control.Clear();
    }

    private void Release()
    {
        switch (_delivered)
        {
            case Delivered.Message:
                _message.Clear();
                break;
            case Delivered.Control:
                _control.Clear();
                break;
        }

        _delivered = Delivered.Nothing;
    }

    private FrameHeaderStatus TakeHeader(ref Memory<byte> input, out string violation)
    {
        if (_partialLength == 0)
        {
            var status = FrameHeader.Parse(input.Span, out _frame, out violation);
            switch (status)
            {
                case FrameHeaderStatus.Incomplete:
                    input.Span.CopyTo(_partial);
                    _partialLength = input.Length;
                    input = default;
                    break;
                case FrameHeaderStatus.Complete:
                    input = input[_frame.Length..];
                    break;
            }

            return status;
        }

        // More may be copied here than the header has; the surplus is not counted as taken.
        var copied = Math.Min(MaxHeader - _partialLength, input.Length);
        Span<byte> partial = _partial;
        input.Span[..copied].CopyTo(partial[_partialLength..]);
        var outcome = FrameHeader.Parse(partial[..(_partialLength + copied)], out _frame, out violation);
        switch (outcome)
        {
            case FrameHeaderStatus.Incomplete:
                _partialLength += copied;
                input = default;
                break;
            case FrameHeaderStatus.Complete:
                input = input[(_frame.Length - _partialLength)..];
                _partialLength = 0;
                break;
        }

        return outcome;
    }

    private FrameEvent BeginFrame()
    {
        _inPayload = true;
        _left = _frame.PayloadLength;
        _skipPayload = false;
        if (_frame.Opcode is Opcode.Ping or Opcode.Pong || (!_frame.IsFinal && _frame.PayloadLength < LeastFragment))
        {
            _idle++;
        }

        if (_frame.IsControl)
        {
            return default;
        }

        if (_hearing == Hearing.CloseOnly)
        {
            _skipPayload = true;
            return default;
        }

        if (_inMessage != (_frame.Opcode == Opcode.Continuation))
        {
            return Refuse(_inMessage ? "message begun inside another" : "continuation of nothing", Hearing.Nothing);
        }

        if (_frame.Opcode == Opcode.Binary)
        {
            _skipPayload = true;
            StopListening(Hearing.CloseOnly);
            return FrameEvent.Of(FrameEventKind.Binary);
        }

        if (_frame.PayloadLength > maxMessageBytes - _message.Length)
        {
            _skipPayload = true;
            return Refuse("message over the limit", Hearing.CloseOnly);
        }

        _inMessage = true;
        return default;
    }

    /// <summary>Takes what there is of the frame's payload; true when it is all there, with its last piece.</summary>
    private bool TakePayload(ref Memory<byte> input, out ReadOnlyMemory<byte> last)
    {
        var taken = (int)Math.Min(_left, input.Length);
        var piece = input[..taken];
        input = input[taken..];
        if (!_skipPayload)
        {
            Masking.Apply(piece.Span, _frame.MaskKey, (int)((_frame.PayloadLength - _left) & 3));
        }

        _left -= taken;
        if (_left == 0)
        {
            last = piece;
            _inPayload = false;
            return true;
        }

        if (!_skipPayload)
        {
            Keep(piece.Span);
        }

        last = default;
        return false;
    }

    private void Keep(ReadOnlySpan<byte> piece)
    {
        if (_frame.IsControl)
        {
            _control.Append(piece);
        }
        else
        {
            _message.Append(piece);
        }
    }

    private FrameEvent EndFrame(ReadOnlyMemory<byte> last)
    {
        if (_skipPayload)
        {
            return default;
        }

        if (_frame.IsControl)
        {
            return EndControl(Whole(ref _control, last, Delivered.Control));
        }

        if (!_frame.IsFinal)
        {
            _message.Append(last.Span);
            return default;
        }

        _inMessage = false;
        var message = Whole(ref _message, last, Delivered.Message);
        return Utf8.IsValid(message.Span)
            ? FrameEvent.Of(FrameEventKind.Text, message)
            : Refuse("text not valid UTF-8", Hearing.CloseOnly);
    }

    private ReadOnlyMemory<byte> Whole(ref PooledBytes kept, ReadOnlyMemory<byte> last, Delivered from)
    {
        if (kept.Length == 0)
        {
            return last;
        }

        kept.Append(last.Span);
        _delivered = from;
        return kept.Memory;
    }

    private FrameEvent EndControl(ReadOnlyMemory<byte> payload)
    {
        if (_frame.Opcode == Opcode.Close)
        {
            return EndClose(payload);
        }

        return _hearing == Hearing.CloseOnly
            ? ForgetControl()
            : FrameEvent.Of(_frame.Opcode == Opcode.Ping ? FrameEventKind.Ping : FrameEventKind.Pong, payload);
    }

    private FrameEvent ForgetControl()
    {
        Release();
        return default;
    }

    private FrameEvent EndClose(ReadOnlyMemory<byte> payload)
    {
        if (payload.IsEmpty)
        {
            StopListening(Hearing.Nothing);
            return FrameEvent.Closed(CloseCodes.None, default);
        }

        if (payload.Length == 1)
        {
            return Refuse("close code of one byte", Hearing.Nothing);
        }

        var code = BinaryPrimitives.ReadUInt16BigEndian(payload.Span);
        if (!CloseCodes.MayBeReceived(code))
        {
            return Refuse("close code not allowed", Hearing.Nothing);
        }

        var reason = payload[2..];
        if (!Utf8.IsValid(reason.Span))
        {
            return Refuse("close reason not valid UTF-8", Hearing.Nothing);
        }

        StopListening(Hearing.Nothing);
        return FrameEvent.Closed(code, reason);
    }

    /// <summary>Tells a violation, if it is the first.</summary>
    private FrameEvent Refuse(string reason, Hearing hearing)
    {
        var first = _hearing == Hearing.Everything;
        StopListening(hearing);
        return first ? FrameEvent.Violated(reason) : default;
    }

    private void StopListening(Hearing hearing)
    {
        _hearing = hearing;
        _inMessage = false;
        _message.Clear();
        if (_delivered == Delivered.Message)
        {
            _delivered = Delivered.Nothing;
        }
    }

    [InlineArray(MaxHeader)]
    private struct PartialHeader
    {
        private byte _first;
    }
}
