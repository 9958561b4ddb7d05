using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness.Load;

/// <summary>
/// Hands the checker the history of one room after the other. Every promise is about one room, and the checker reads its
/// whole history once for each view of each client: in slices a long run takes seconds.
/// </summary>
internal static class FactSlices
{
    public static IReadOnlyList<Violation> Check(IReadOnlyList<Fact> facts, IReadOnlyList<JournaledRoom> journal)
    {
        var members = facts.OfType<Fact.JoinAsked>()
            .GroupBy(j => j.Client, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Select(j => j.Room).Distinct(StringComparer.Ordinal).ToList(), StringComparer.Ordinal);
        var slices = new Dictionary<string, List<Fact>>(StringComparer.Ordinal) { [""] = [] };
        foreach (var fact in facts)
        {
            foreach (var room in RoomsOf(fact, members))
            {
                if (!slices.TryGetValue(room, out var slice))
                    slices.Add(room, slice = []);
                slice.Add(fact);
            }
        }

        var rooms = journal.ToDictionary(r => r.Name, StringComparer.Ordinal);
        return [.. slices.SelectMany(s => PromiseChecker.Check(
            s.Value, rooms.TryGetValue(s.Key, out var room) ? [room] : [], isMemory: _ => false, refusalsMayBeLost: false))];
    }

    private static IEnumerable<string> RoomsOf(Fact fact, Dictionary<string, List<string>> members) => fact switch
    {
        Fact.Sent f => [f.Room],
        Fact.AckWritten f => [f.Room],
        Fact.Acked f => [f.Room],
        Fact.WriteRefused f => [f.Room],
        Fact.JoinAsked f => [f.Room],
        Fact.PageSeen f => [f.Room],
        Fact.HistorySeen f => [f.Room],
        Fact.EventSeen f => [f.Room],
        Fact.ResetSeen f => [f.Room],
        Fact.Left f => [f.Room],
        Fact.Rested f => [f.Room],
        Fact.Welcomed f => members.GetValueOrDefault(f.Client, []),
        Fact.Disconnected f => members.GetValueOrDefault(f.Client, []),
        Fact.Broken => [""],
        _ => members.Values.SelectMany(r => r).Distinct(StringComparer.Ordinal),
    };
}
