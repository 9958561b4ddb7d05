namespace ClusterChat.Gateway.Fanout;

/// <summary>
/// Events of one room that go out together, to many clients: what can be shared between these is made once.
/// </summary>
/// <param name="events">At least one, numbered without a hole.</param>
internal sealed class RoomEvents(IReadOnlyList<RoomEvent> events)
{
    // A client's transport takes no more than about so much in one frame; it would have to be cut for nothing.
    private const int MaxChunk = 16 * 1024;

    private List<ReadOnlyMemory<byte>>? _chunks;

    /// <summary>The events.</summary>
    public IReadOnlyList<RoomEvent> Events => events;

    /// <summary>The number of the first one.</summary>
    public long First => events[0].Seq;

    /// <summary>The number of the last one.</summary>
    public long Last => events[^1].Seq;

    /// <summary>The canonical lines, as many as fit joined by a line feed each.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Chunks => _chunks ??= Join();

    /// <summary>Those after a position, which is before the last one.</summary>
    public RoomEvents After(long seq) => seq < First ? this : new RoomEvents([.. events.Skip((int)(seq + 1 - First))]);

    private List<ReadOnlyMemory<byte>> Join()
    {
        if (events.Count == 1)
        {
            return [events[0].Line];
        }

        var chunks = new List<ReadOnlyMemory<byte>>();
        for (var next = 0; next < events.Count;)
        {
            var (end, length) = (next + 1, events[next].Line.Length);
            while (end < events.Count && length + 1 + events[end].Line.Length <= MaxChunk)
            {
                length += 1 + events[end++].Line.Length;
            }

            chunks.Add(end == next + 1 ? events[next].Line : Join(next, end, length));
            next = end;
        }

        return chunks;
    }

    private byte[] Join(int first, int end, int length)
    {
        var joined = GC.AllocateUninitializedArray<byte>(length);
        var at = 0;
        for (var i = first; i < end; i++)
        {
            if (i > first)
            {
                joined[at++] = (byte)'\n';
            }

            events[i].Line.Span.CopyTo(joined.AsSpan(at));
            at += events[i].Line.Length;
        }

        return joined;
    }
}
