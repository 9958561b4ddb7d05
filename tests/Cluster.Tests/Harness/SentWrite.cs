using System.Diagnostics;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>A message that a client sent, or is about to.</summary>
internal sealed class SentWrite(string client, string room, string mid, string text)
{
    private readonly long _sentAt = Stopwatch.GetTimestamp();

    public string Client { get; } = client;

    public string Room { get; } = room;

    public string Mid { get; } = mid;

    public string Text { get; } = text;

    /// <summary>The acked position; 0 while there is no ack.</summary>
    public long Seq { get; private set; }

    public long Ts { get; private set; }

    /// <summary>From the first sending to the first ack, over all resends.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>Since the first sending.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_sentAt);

    public bool IsAcked => Seq > 0;

    /// <summary>Takes an ack; returns what is wrong with it.</summary>
    public string? Acknowledge(long seq, long ts)
    {
        var wrong = Seq > 0 && (Seq != seq || Ts != ts) ? $"{Mid} was acked as {Room}/{Seq} ({Ts}), and then as {seq} ({ts})" : null;
        if (!IsAcked)
            Took = Stopwatch.GetElapsedTime(_sentAt);
        (Seq, Ts) = (seq, ts);
        return wrong;
    }
}
