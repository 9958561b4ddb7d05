using System.Globalization;
using System.Text;
using ClusterChat.Cluster.Tests.Harness.Load;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness.Faults;

/// <summary>
/// What each kind of fault cost those whom it concerned: of all messages that they published from its beginning until
/// a second after all went on, the time from publishing to arrival, once for each recipient; and how long it took
/// until the first write that was published after the beginning was acked, of the room that had to wait longest; where
/// the fault took a gateway and no room, until the last of its clients was in its rooms again.
/// </summary>
internal sealed class PauseReport
{
    private readonly SortedDictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private readonly List<string> _each = [];

    /// <summary>Each fault by itself, in words.</summary>
    public IReadOnlyList<string> Each => _each;

    /// <summary>Adds what happened on a stage.</summary>
    public void Add(IReadOnlyList<Incident> incidents, Recorder recorder, IReadOnlyList<JournaledRoom> journal)
    {
        var (facts, publications) = recorder.Snapshot();
        var byMid = publications.ToDictionary(p => (p.Room, p.Mid));
        var written = new Dictionary<(string Room, long Seq), Publication>();
        foreach (var room in journal)
        {
            foreach (var e in room.Events)
                written[(room.Name, e.Seq)] = byMid[(room.Name, e.Mid)];
        }

        var pauses = incidents.ToDictionary(i => i, _ => new List<float>());
        foreach (var (client, room, at, seen) in facts.SelectMany(Deliveries))
        {
            if (!written.TryGetValue((room, seen.Seq), out var message))
                continue;
            foreach (var incident in incidents.Where(i => i.Start <= message.At && message.At <= i.End && i.Concerns(room, message.Client, client)))
                pauses[incident].Add((float)(at - message.At).TotalMilliseconds);
        }

        foreach (var incident in incidents)
        {
            var row = Of(incident.Kind);
            pauses[incident].Sort();
            row.Count++;
            row.Pauses.AddRange(pauses[incident]);
            row.Flows.AddRange(Flow(incident, facts, publications));
            _each.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{incident.Start.TotalSeconds:F1} s, {incident.Kind}: {incident.Rooms.Count} rooms, {incident.Clients.Count} clients, {pauses[incident].Count} deliveries, p99 {At(pauses[incident], 0.99)}, max {At(pauses[incident], 1)}, flows after {string.Join(' ', Flow(incident, facts, publications))} ms"));
        }
    }

    /// <summary>The table in Markdown.</summary>
    /// <param name="violations">What the checker found, over all kinds.</param>
    public string ToMarkdown(int violations)
    {
        var table = new StringBuilder();
        table.AppendLine("| fault | times | pause p50 | p99 | max | writes flow again: median | worst | lost, doubled, reordered |");
        table.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var (kind, row) in _rows)
        {
            row.Pauses.Sort();
            row.Flows.Sort();
            table.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {kind} | {row.Count} | {At(row.Pauses, 0.5)} | {At(row.Pauses, 0.99)} | {At(row.Pauses, 1)} | {At(row.Flows, 0.5)} | {At(row.Flows, 1)} | {violations} |"));
        }

        return table.ToString();
    }

    /// <summary>A quantile of the pauses of a kind, in milliseconds.</summary>
    public double Pause(string kind, double quantile)
    {
        var row = Of(kind);
        row.Pauses.Sort();
        return row.Pauses[(int)(quantile * (row.Pauses.Count - 1))];
    }

    private static string At(List<float> sorted, double quantile)
        => sorted.Count == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{sorted[(int)(quantile * (sorted.Count - 1))]:N0} ms");

    /// <summary>In milliseconds; none where there was nothing to wait for.</summary>
    private static IEnumerable<float> Flow(Incident incident, IReadOnlyList<Fact> facts, IReadOnlyList<Publication> publications)
    {
        var firsts = incident.Rooms.Count > 0
            ? publications.Where(p => p.At >= incident.Start && p.AckedAt is not null && incident.Rooms.Contains(p.Room))
                .GroupBy(p => p.Room, p => p.AckedAt!.Value, StringComparer.Ordinal)
            : facts.OfType<Fact.PageSeen>().Where(p => p.At >= incident.Start && !p.More && incident.Clients.Contains(p.Client))
                .GroupBy(p => p.Client + " " + p.Room, p => p.At, StringComparer.Ordinal);
        return incident.Others || (incident.Graceful && incident.Rooms.Count == 0)
            ? []
            : firsts.Select(g => (float)(g.Min() - incident.Start).TotalMilliseconds).OrderDescending().Take(1);
    }

    private static IEnumerable<(string Client, string Room, TimeSpan At, Fact.SeenEvent Event)> Deliveries(Fact fact) => fact switch
    {
        Fact.EventSeen e => [(e.Client, e.Room, e.At, e.Event)],
        Fact.PageSeen page => page.Events.Select(e => (page.Client, page.Room, page.At, e)),
        _ => [],
    };

    private Row Of(string kind)
    {
        if (!_rows.TryGetValue(kind, out var row))
            _rows.Add(kind, row = new Row());
        return row;
    }

    private sealed class Row
    {
        public int Count { get; set; }

        public List<float> Pauses { get; } = [];

        public List<float> Flows { get; } = [];
    }
}
