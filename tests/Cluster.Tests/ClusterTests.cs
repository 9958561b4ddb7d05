using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ClusterChat.Cluster.Engine;
using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>Several processes, one chat; on each store.</summary>
public abstract partial class ClusterTests(Store store, ITestOutputHelper output)
{
    [Fact]
    public async Task Clients_of_three_gateways_in_one_room_see_all_messages_once_and_in_order()
    {
        await using var group = await NodeGroup.StartAsync(store, "n1", "n2", "n3");
        await using var crowd = new Crowd(group, clients: 9, rooms: 1);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(30);
        await crowd.StopAndCheckAsync();
        output.WriteLine($"{crowd.Ledger.Acked} messages, the slowest ack after {crowd.Ledger.TakeSlowest().TotalMilliseconds:F0} ms");

        foreach (var name in new[] { "n1", "n2", "n3" })
            group[name].ShouldBeUnharmed();
    }

    [Fact]
    public async Task Rooms_run_where_they_belong_and_each_node_has_a_share_of_the_shards()
    {
        await using var group = await NodeGroup.StartAsync(store, "n1", "n2", "n3");
        string[] names = ["n1", "n2", "n3"], rooms = [.. Enumerable.Range(0, 60).Select(i => string.Create(CultureInfo.InvariantCulture, $"room-{i}"))];
        using var http = RoomHttp.Client(group["n1"].Port);
        await Task.WhenAll(rooms.Select(r => http.GetJsonAsync($"api/rooms/{r}/messages")));

        var view = await group["n1"].ViewAsync();
        var addresses = names.ToDictionary(n => n, n => view.Address(n), StringComparer.Ordinal);
        foreach (var name in names)
        {
            var own = rooms.Count(r => RoomSharding.HomeOf(r, addresses.Values) == addresses[name]);
            await group[name].WaitForAsync(v => v.Active() == own, $"{own} rooms on {name}");
        }

        // Sixty rooms fall on 30 to 64 of the shards. Counts of nodes arrive one by one and are up to a second old: a first look may see a few of them.
        var shared = await group["n2"].WaitForAsync(v => names.All(n => v.Shards(n) > 0) && names.Sum(n => v.Shards(n)) >= 30, "shards on each node");
        names.Sum(n => shared.Shards(n)).ShouldBeLessThanOrEqualTo(RoomSharding.Shards);
    }

    [Fact]
    public async Task A_killed_node_costs_its_clients_and_rooms_a_pause_and_nothing_else()
    {
        await using var group = await NodeGroup.StartAsync(store, "n1", "n2", "n3");
        await using var crowd = new Crowd(group, clients: 60, rooms: 12);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(20);
        var (victim, calm) = (group["n2"].Port, crowd.Ledger.TakeSlowest());
        var moved = crowd.Clients.Where(c => c.Port == victim).ToList();
        moved.Count.ShouldBe(20);

        await group.KillAsync("n2");
        await crowd.TalkOnAsync(20);
        var pause = crowd.Ledger.TakeSlowest();
        moved.ShouldAllBe(c => c.Connections == 2 && c.Port != victim);
        await crowd.StopAndCheckAsync();

        output.WriteLine(
            $"{crowd.Ledger.Acked} messages; the slowest ack before the kill after {calm.TotalMilliseconds:F0} ms, "
            + $"around it after {pause.TotalMilliseconds:F0} ms; {crowd.Ledger.Repeats} resends were there already");
        foreach (var name in new[] { "n1", "n3" })
        {
            (await group[name].WaitForViewAsync(names => names.Count == 2)).Names().ShouldBe(["n1", "n3"]);
            group[name].ShouldBeUnharmed();
        }

        pause.ShouldBeLessThan(TimeSpan.FromSeconds(10), "writes are given up after that");
    }

    [Fact]
    public async Task A_rolling_restart_loses_nothing_and_each_node_ends_with_0()
    {
        await using var group = await NodeGroup.StartAsync(store, "n1", "n2", "n3");
        await using var crowd = new Crowd(group, clients: 30, rooms: 12);
        await crowd.StartAsync();
        await crowd.TalkOnAsync(10);
        output.WriteLine($"the slowest ack in peace after {crowd.Ledger.TakeSlowest().TotalMilliseconds:F0} ms");
        foreach (var name in new[] { "n1", "n2", "n3" })
        {
            var start = Stopwatch.GetTimestamp();
            var left = group[name];
            (await group.TerminateAsync(name)).ShouldBe(0, left.Output);
            var took = Stopwatch.GetElapsedTime(start);
            left.Errors.ShouldBeEmpty();
            left.Output.ShouldContain("0 unacked writes were left");
            left.Output.ShouldNotContain(" evicts ", Case.Sensitive, "who leaves in good order says so");
            ShouldBeBrief(left);
            await crowd.TalkOnAsync(10);
            var without = crowd.Ledger.TakeSlowest();
            await group.RestartAsync(name);
            await crowd.TalkOnAsync(10);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} gone after {took.TotalMilliseconds:F0} ms; the slowest ack around its leaving {without.TotalMilliseconds:F0} ms, around its return {crowd.Ledger.TakeSlowest().TotalMilliseconds:F0} ms"));
        }

        await crowd.StopAndCheckAsync();
        await group.SettleAsync();
        foreach (var name in new[] { "n1", "n2", "n3" })
        {
            group[name].ShouldBeUnharmed();
            group[name].Output.ShouldNotContain(" evicts ", Case.Sensitive, "who leaves in good order says so");
            ShouldBeBrief(group[name]);
        }
    }

    /// <summary>At the default levels a node says what an operator wants to know, and when.</summary>
    private static void ShouldBeBrief(NodeProcess node)
    {
        var lines = node.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBeLessThan(40, node.Output);
        lines.ShouldAllBe(l => Stamped().IsMatch(l));
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warn): ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Stamped();
}
