namespace ClusterChat.TestKit;

/// <summary>What a simulated client knows of a room that it wants to be in.</summary>
internal sealed class RoomView(string room)
{
    public string Room => room;

    /// <summary>Null before the first page.</summary>
    public string? Log { get; set; }

    public long Seq { get; set; }

    /// <summary>The last page of the join has come, on this connection.</summary>
    public bool IsLive { get; set; }

    /// <summary>The join or leave under way, on this connection; 0 for none.</summary>
    public long Asked { get; set; }

    /// <summary>A page of the join under way has come, and others follow.</summary>
    public bool IsPaging { get; set; }

    /// <summary>It is on its way out.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>What was not acked, in the order of sending.</summary>
    public List<PendingText> Unacked { get; } = [];

    /// <summary>Nothing is sent before this time.</summary>
    public TimeSpan HeldUntil { get; set; }

    /// <summary>Who is there, as told step by step; null where only the count is told.</summary>
    public SortedSet<string>? Told { get; set; }

    /// <summary>Who is there, as the last answer to <c>members</c> said.</summary>
    public IReadOnlyList<string> Listed { get; set; } = [];

    /// <summary>The connection is gone: what was under way is not.</summary>
    public void OnDisconnected()
    {
        (IsLive, Asked, IsPaging, IsLeaving, Told) = (false, 0, false, false, null);
        foreach (var write in Unacked)
        {
            write.IsSent = false;
        }
    }
}

/// <summary>A write that was not acked.</summary>
internal sealed class PendingText(string mid, string text)
{
    public string Mid => mid;

    public string Text => text;

    /// <summary>It is on its way, on this connection.</summary>
    public bool IsSent { get; set; }
}
