namespace ClusterChat.Bench;

/// <summary>
/// Counts messages and acks in the bytes that come, and looks into no more of them than the time that the publisher put into
/// the text.
/// </summary>
/// <param name="dialect">What to look for.</param>
/// <param name="counters">Of all clients.</param>
/// <param name="acked">Called with the number of acks that came.</param>
internal sealed class MessageReader(Dialect dialect, Counters counters, Action<int>? acked)
{
    // No message's text begins later.
    private const int LookAhead = 220;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _kept;

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Free => _buffer.AsMemory(_kept);

    public void Advance(int count)
    {
        var length = _kept + count;
        var bytes = _buffer.AsSpan(0, length);
        var acks = 0;
        var at = 0;
        while (true)
        {
            var next = bytes[at..].IndexOf(Dialect.AnyMark);
            if (next < 0)
            {
                at = Math.Max(at, length - Dialect.AnyMark.Length + 1);
                break;
            }

            at += next;
            if (length - at < LookAhead && bytes[at..].IndexOf((byte)'}') < 0)
            {
                break;
            }

            at += Take(bytes[at..], ref acks);
        }

        // What may be the beginning of a message is looked at again with what follows.
        bytes[at..].CopyTo(_buffer);
        _kept = length - at;
        if (acks > 0)
        {
            acked?.Invoke(acks);
        }
    }

    private int Take(ReadOnlySpan<byte> bytes, ref int acks)
    {
        if (bytes.StartsWith(dialect.MessageMark))
        {
            counters.Delivered(TimeIn(bytes));
            acks += dialect.AckMark.Length == 0 ? 1 : 0;
        }
        else if (dialect.AckMark.Length > 0 && bytes.StartsWith(dialect.AckMark))
        {
            acks++;
        }
        else if (bytes.StartsWith(Dialect.ErrorMark))
        {
            counters.Refused();
        }

        return Dialect.AnyMark.Length;
    }

    private long TimeIn(ReadOnlySpan<byte> message)
    {
        var text = message.IndexOf(dialect.TextMark);
        if (text is < 0 or >= LookAhead)
        {
            return 0;
        }

        long time = 0;
        foreach (var digit in message[(text + dialect.TextMark.Length)..])
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                break;
            }

            time = (time * 10) + (digit - '0');
        }

        return time;
    }
}
