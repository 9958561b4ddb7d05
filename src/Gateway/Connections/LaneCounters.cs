namespace ClusterChat.Gateway.Connections;

/// <summary>What a lane has done so far. Written by the lane, which runs on one thread at a time; read by anybody.</summary>
internal sealed class LaneCounters
{
    /// <summary>Turns.</summary>
    public long Turns { get; private set; }

    /// <summary>Outboxes that had their turn in these.</summary>
    public long Outboxes { get; private set; }

    /// <summary>Lines, or several joined to one, that went to sockets.</summary>
    public long Pieces { get; private set; }

    /// <summary>Their bytes, without frames.</summary>
    public long Bytes { get; private set; }

    /// <summary>A turn has ended.</summary>
    public void Turned(int outboxes)
    {
        Turns++;
        Outboxes += outboxes;
    }

    /// <summary>An outbox begins to write what has gathered.</summary>
    public void Took(int pieces, long bytes)
    {
        Pieces += pieces;
        Bytes += bytes;
    }
}
