using ClusterChat.Cluster;
using ClusterChat.TestKit;

namespace ClusterChat.Simulation.Tests;

/// <summary>The promise checker lets a memory room lose its log whenever its owner changes. Here nothing gets lost on the way.</summary>
public class MemoryRoomTests
{
    [Fact]
    public void A_memory_room_keeps_its_log_while_its_owners_are_stopped_one_after_the_other()
    {
        var moves = 0;
        foreach (var seed in SeedRuns.Seeds(6))
        {
            var result = SimRunner.Run(Plan(seed), traceLines: 0);
            result.Violations.ShouldBeEmpty($"seed {seed}");
            moves += result.Facts.Count(f => f is Fact.OwnerChanged { Node: not null });
            result.Facts.OfType<Fact.PageSeen>().Select(p => p.Log).Distinct().ShouldHaveSingleItem($"seed {seed}");
        }

        moves.ShouldBeGreaterThan(20);
    }

    private static SimPlan Plan(int seed) => new()
    {
        Seed = seed,
        Nodes = [NodeRoles.Rooms, NodeRoles.Rooms, NodeRoles.Rooms, NodeRoles.Rooms, NodeRoles.Gateway],
        Clients = 4,
        RoomNames = ["mem:x"],
        Unrest = TimeSpan.FromSeconds(60),
        Drains = TimeSpan.FromSeconds(3),

        // There is always somebody to whom the room can go, and somebody in it: what nobody asks for, a node that comes later may own, and it was told nothing.
        Spared = ["n1", "n5"],
        LinkMicroseconds = (500, 5000),
        Rooms = new() { Memory = { "mem:*" } },
        Gateway = new() { SendsPerSecond = 0 },
    };
}
