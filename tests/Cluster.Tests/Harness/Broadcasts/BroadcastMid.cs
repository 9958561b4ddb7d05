using System.Globalization;

namespace ClusterChat.Cluster.Tests.Harness.Broadcasts;

/// <summary>What the id of a message tells of it.</summary>
/// <param name="Number">Its author's messages are numbered from 1.</param>
/// <param name="Due">When it should have been sent, by <see cref="BroadcastClient.Now"/>; a sender that was held up sent it later.</param>
internal readonly record struct BroadcastMid(int Number, TimeSpan Due)
{
    public static BroadcastMid Read(string mid)
    {
        var dash = mid.IndexOf('-', StringComparison.Ordinal);
        return new BroadcastMid(
            int.Parse(mid.AsSpan(0, dash), CultureInfo.InvariantCulture),
            TimeSpan.FromTicks(long.Parse(mid.AsSpan(dash + 1), CultureInfo.InvariantCulture)));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}-{Due.Ticks}");
}
