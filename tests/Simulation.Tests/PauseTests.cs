using System.Globalization;
using System.Text.Json;
using ClusterChat.Cluster;
using ClusterChat.TestKit;
using Xunit.Abstractions;

namespace ClusterChat.Simulation.Tests;

/// <summary>
/// How long messages take from their sending to the others in the room while nodes are stopped and come back. Time is virtual: what
/// shows are the waits that the programs make, and not how busy the machine is.
/// </summary>
public class PauseTests(ITestOutputHelper output)
{
    private const NodeRoles Both = NodeRoles.Gateway | NodeRoles.Rooms;

    [Fact]
    public void Rooms_that_move_are_hardly_noticed()
    {
        var (calm, rolling) = (new List<double>(), new List<double>());
        var (longest, worst) = (0.0, "none");
        foreach (var seed in SeedRuns.Seeds(4))
        {
            calm.AddRange(Seen(Plan(seed)).Select(s => s.Delay));
            foreach (var (delay, what) in Seen(Plan(seed) with { Drains = TimeSpan.FromSeconds(8) }))
            {
                worst = rolling.Count == 0 || delay > longest ? $"seed {seed}, {what}" : worst;
                longest = Math.Max(longest, delay);
                rolling.Add(delay);
            }
        }

        output.WriteLine("the longest: " + worst);
        output.WriteLine("in peace: " + Show(calm));
        output.WriteLine("while nodes are stopped and come back: " + Show(rolling));
        At(rolling, 0.99).ShouldBeLessThan(100);
    }

    private static SimPlan Plan(int seed) => new()
    {
        Seed = seed,
        Nodes = [NodeRoles.Rooms, NodeRoles.Rooms, NodeRoles.Rooms, NodeRoles.Gateway],
        Clients = 6,
        RoomNames = ["a", "b", "c", "d", "mem:x", "mem:y"],
        Unrest = TimeSpan.FromSeconds(40),
        Pause = TimeSpan.FromMilliseconds(150),
        Burst = 1,
        StoreMicroseconds = 3000,
        WireMicroseconds = (500, 500),
        LinkMicroseconds = (500, 500),
        Rooms = new() { Memory = { "mem:*" } },
        Gateway = new() { SendsPerSecond = 0 },
    };

    /// <summary>From each message's sending to each of those who saw it live.</summary>
    private static IEnumerable<(double Delay, string What)> Seen(SimPlan plan)
    {
        var sent = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var fact in SimRunner.Run(plan, traceLines: 0).Facts)
        {
            switch (fact)
            {
                case Fact.Sent s:
                    sent.TryAdd(s.Mid, s.At);
                    break;
                case Fact.EventSeen seen when sent.TryGetValue(Mid(seen.Event.Line), out var at):
                    yield return ((seen.At - at).TotalMilliseconds, $"{seen.Event.Line}, sent at {at.TotalSeconds:F3}");
                    break;
            }
        }
    }

    private static string Mid(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("mid").GetString()!;
    }

    private static string Show(List<double> delays) => string.Create(
        CultureInfo.InvariantCulture,
        $"{delays.Count} deliveries, p50 {At(delays, 0.5):F1} ms, p99 {At(delays, 0.99):F1} ms, p99.9 {At(delays, 0.999):F1} ms, max {At(delays, 1):F1} ms");

    private static double At(List<double> delays, double part)
    {
        delays.Sort();
        return delays[Math.Max(0, (int)Math.Ceiling(delays.Count * part) - 1)];
    }
}
