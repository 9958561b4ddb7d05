using System.Globalization;

namespace ClusterChat.Host;

/// <summary>What is known of a node that <c>up</c> runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where clients reach it.</param>
/// <param name="State">One word: starting, joining, up, leaving, silent or ended.</param>
internal sealed record NodeStatus(string Name, string Address, string State)
{
    /// <summary>The number of its view; 0 before it has one.</summary>
    public long View { get; init; }

    /// <summary>The shards that are its own.</summary>
    public long Shards { get; init; }

    /// <summary>The rooms that are active on it.</summary>
    public long Rooms { get; init; }

    /// <summary>The clients that are connected to it.</summary>
    public long Connections { get; init; }

    /// <summary>Messages that it has acked, a second.</summary>
    public double Rate { get; init; }

    public bool IsUp => State == "up";

    /// <summary>For a line of text.</summary>
    public override string ToString() => IsUp
        ? string.Create(CultureInfo.InvariantCulture, $"{Name} up, view {View}, {Shards} shards, {Rooms} rooms, {Connections} connections, {Rate:F0} messages/s")
        : $"{Name} {State}";
}
