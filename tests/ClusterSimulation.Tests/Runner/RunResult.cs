using ClusterChat.ClusterSimulation.Worlds;

namespace ClusterChat.ClusterSimulation.Runner;

/// <summary>What came of a world; a line of JSON between the process that ran it and the test.</summary>
/// <param name="Kind">Which kind of world it was.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Hash">Over everything that happened in it.</param>
/// <param name="Messages">How many messages were told.</param>
/// <param name="VirtualSeconds">How long it was.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="PoolItems">How many works the thread pool did meanwhile: each is an escape.</param>
/// <param name="Answers">How many questions were answered.</param>
/// <param name="Doubles">How often a room was open twice.</param>
/// <param name="LastingDoubles">How many rooms stayed open twice in peace.</param>
/// <param name="StuckJoins">How many starts did not become members in time.</param>
/// <param name="SettledSeconds">How long after the last trouble there was one cluster again.</param>
/// <param name="Troubles">How many troubles there were, by kind.</param>
/// <param name="Violations">What is wrong.</param>
/// <param name="TraceEnd">The last lines of the trace, if something is wrong.</param>
internal sealed record RunResult(
    UnrestKind Kind,
    int Seed,
    string Hash,
    long Messages,
    double VirtualSeconds,
    double Seconds,
    long PoolItems,
    int Answers,
    int Doubles,
    int LastingDoubles,
    int StuckJoins,
    double SettledSeconds,
    IReadOnlyDictionary<string, int> Troubles,
    IReadOnlyList<string> Violations,
    IReadOnlyList<string> TraceEnd);
