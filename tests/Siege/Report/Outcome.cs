using ClusterChat.Siege.Honest;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Report;

/// <summary>What came of one attack.</summary>
internal sealed record Outcome
{
    /// <summary>The attack.</summary>
    public required string Title { get; init; }

    /// <summary>Whether it meant no harm.</summary>
    public bool IsHonest { get; init; }

    /// <summary>How long it lasted; less than was wanted where the node ended.</summary>
    public required TimeSpan Lasted { get; init; }

    /// <summary>What the node ended with during it; null where it lives.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The node's memory before it, in bytes.</summary>
    public long MemoryBefore { get; init; }

    /// <summary>The most memory during it, in bytes.</summary>
    public long MemoryPeak { get; init; }

    /// <summary>The memory that the node was given, in bytes.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>The memory at the end, in bytes.</summary>
    public long MemoryAfter { get; init; }

    /// <summary>How long it took until three quarters of what it had cost were back; null where it took longer than was waited.</summary>
    public TimeSpan? MemoryBackAfter { get; init; }

    /// <summary>How much the node's data grew, in bytes.</summary>
    public long DataGrown { get; init; }

    /// <summary>How long honest clients' acks took.</summary>
    public required Delays Acks { get; init; }

    /// <summary>How long their histories and lists took.</summary>
    public required Delays Reads { get; init; }

    /// <summary>Their connections that ended.</summary>
    public required Tally Cut { get; init; }

    /// <summary>What they were refused.</summary>
    public required Tally Refused { get; init; }

    /// <summary>The histories and lists that they were refused.</summary>
    public required Tally RefusedReads { get; init; }

    /// <summary>How long those took who came during the attack.</summary>
    public required Delays Newcomers { get; init; }

    /// <summary>Why some of them did not get in.</summary>
    public required Tally NewcomersRefused { get; init; }

    /// <summary>How many of these tried while the node did not say that it takes nobody.</summary>
    public int NewcomersMisled { get; init; }

    /// <summary>What <c>/healthz/ready</c> said.</summary>
    public required Tally Readiness { get; init; }

    /// <summary>The lines that the node has written.</summary>
    public long LogLines { get; init; }

    /// <summary>What the attacker heard.</summary>
    public required Tally Heard { get; init; }

    /// <summary>What else is to be known.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What the attack itself found broken.</summary>
    public IReadOnlyList<string> Broken { get; init; } = [];
}
