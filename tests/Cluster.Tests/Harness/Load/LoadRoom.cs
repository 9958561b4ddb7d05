namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <summary>How a client stands in a room, through all of its connections.</summary>
internal sealed class LoadRoom(string name)
{
    public string Name { get; } = name;

    public string? Log { get; set; }

    public long Seq { get; set; }

    /// <summary>Whether this connection gets live events.</summary>
    public bool IsLive { get; set; }

    /// <summary>The request of a join under way; 0 for none.</summary>
    public long Asked { get; set; }

    /// <summary>What is not acked, in the order of publishing.</summary>
    public List<Publication> Unacked { get; } = [];

    /// <summary>Who is there, as presence events tell; null where they do not.</summary>
    public SortedSet<string>? Told { get; set; }

    /// <summary>Who is there, as the last list of members says.</summary>
    public IReadOnlyList<string> Listed { get; set; } = [];
}
