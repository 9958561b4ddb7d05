namespace ClusterChat.Gateway.Limits;

/// <summary>The limits of each <see cref="Share"/>; 0 lifts one.</summary>
internal sealed record ShareLimits
{
    public int Connections { get; init; }

    public double ConnectsPerSecond { get; init; }

    public int ConnectBurst { get; init; }

    public double SendsPerSecond { get; init; }

    public int SendBurst { get; init; }

    public double RequestsPerSecond { get; init; }

    public int RequestBurst { get; init; }

    /// <summary>After so long the client may try again where it has too many connections.</summary>
    public int RetryMs { get; init; } = 5000;

    /// <summary>The milliseconds after which all of an unused share's buckets are full again.</summary>
    public long RefillMs => (long)Math.Ceiling(Math.Max(Full(ConnectsPerSecond, ConnectBurst), Math.Max(Full(SendsPerSecond, SendBurst), Full(RequestsPerSecond, RequestBurst))));

    private static double Full(double perSecond, int burst) => perSecond <= 0 ? 0 : burst * 1000 / perSecond;
}
