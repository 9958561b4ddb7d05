namespace ClusterChat.TestKit;

/// <summary>What a run came to.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="TraceHash">Equal for equal runs.</param>
/// <param name="Steps">How many turns ran.</param>
/// <param name="Facts">What was seen from outside.</param>
/// <param name="Journal">What the store holds at the end.</param>
/// <param name="Violations">What was broken.</param>
/// <param name="TraceEnd">The last lines of the trace.</param>
public sealed record SimResult(
    int Seed, ulong TraceHash, long Steps, IReadOnlyList<Fact> Facts, IReadOnlyList<JournaledRoom> Journal,
    IReadOnlyList<Violation> Violations, IReadOnlyList<string> TraceEnd);
