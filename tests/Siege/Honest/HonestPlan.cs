using System.Globalization;
using System.Net;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Honest;

/// <summary>Who the honest clients are, and what they do.</summary>
internal sealed record HonestPlan
{
    private const int PerRoom = 10;

    /// <summary>What their names begin with.</summary>
    public required string Name { get; init; }

    /// <summary>How many.</summary>
    public required int Count { get; init; }

    /// <summary>Where each comes from.</summary>
    public required Func<int, IPAddress> From { get; init; }

    /// <summary>The rooms of each.</summary>
    public Func<int, string[]> Rooms { get; init; } = number => [string.Create(CultureInfo.InvariantCulture, $"hall-{number / PerRoom}")];

    /// <summary>What all of them say together, in messages a second.</summary>
    public double PerSecond { get; init; }

    /// <summary>Whether they also look at histories and lists of rooms: after each fifth message one of each.</summary>
    public bool Reads { get; init; }

    /// <summary>Further headers of the upgrade, each with its line's end.</summary>
    public string Headers { get; init; } = string.Empty;

    /// <summary>Makes their tokens; null where guests are welcome.</summary>
    public Tokens? Tokens { get; init; }

    /// <summary>How long whoever lost its connection waits before it comes back, at most; at least half of it.</summary>
    public TimeSpan ComeBackAfter { get; init; } = TimeSpan.FromSeconds(1);
}
