using System.Diagnostics;
using System.Globalization;
using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>A whole cluster is told to stop: all that was taken is acked, nobody waits for another one's sake, and all is kept; on each store.</summary>
public abstract class ClusterStopTests(Store store, ITestOutputHelper output)
{
    private static readonly string[] Names = ["n1", "n2", "n3"];

    [Fact]
    public async Task All_nodes_end_at_once_with_0_and_one_alone_goes_on_with_their_rooms()
    {
        await using var group = await NodeGroup.StartAsync(store, Names);
        var ledger = new Ledger();
        var clients = new List<ChatClient>();
        var ports = group.Gateways;
        for (var i = 0; i < 18; i++)
        {
            var client = await ChatClient.ConnectAsync(ports[i % ports.Length], string.Create(CultureInfo.InvariantCulture, $"c{i}"), onLine: ledger.OnLine);
            await client.JoinAsync(Room(i));
            clients.Add(client);
        }

        var talking = clients.Select((c, i) => TalkAsync(c, Room(i), ledger)).ToList();
        await ledger.Changed.WaitAsync(() => ledger.Acked >= 300).Within("300 acks");
        var start = Stopwatch.GetTimestamp();

        var codes = await Task.WhenAll(Names.Select(group.TerminateAsync));

        output.WriteLine($"gone after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
        codes.ShouldAllBe(code => code == 0);
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(12), "there is nowhere to wait for clients to go");
        await Task.WhenAll(talking).Within("the talkers notice");
        foreach (var client in clients)
            (await client.Closed.Within("the close")).ShouldBe(3001);
        ledger.Violations.ShouldBeEmpty();

        await using var alone = await NodeProcess.StartAsync(group.Options("alone") with { Arguments = [] });
        using var http = RoomHttp.Client(alone.Port);
        await using var late = await ChatClient.ConnectAsync(alone.Port, "late");
        var total = 0;
        for (var i = 0; i < 6; i++)
        {
            var history = await http.ReadHistoryAsync(Room(i));
            total += history.Count;
            ledger.ShouldHold(Room(i), history);
            await late.JoinAsync(Room(i), limit: 0);
            (await late.SendAckedAsync(Room(i), "late", "on and on")).GetProperty("seq").GetInt64().ShouldBe(history.Count + 1);
        }

        output.WriteLine($"{ledger.Sent} sent, {ledger.Acked} acked, {total} kept");
        alone.ShouldBeUnharmed();
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    private static string Room(int client) => string.Create(CultureInfo.InvariantCulture, $"room-{client % 6}");

    private static async Task TalkAsync(ChatClient client, string room, Ledger ledger)
    {
        try
        {
            for (var n = 1; !client.Closed.IsCompleted; n++)
            {
                var mid = string.Create(CultureInfo.InvariantCulture, $"{client.Name}-{n}");
                var write = ledger.Add(new SentWrite(client.Name, room, mid, "text of " + mid));
                await client.WriteAsync($$"""{"t":"send","room":"{{write.Room}}","mid":"{{write.Mid}}","text":"{{write.Text}}"}""");
                await client.Changed.WaitAsync(() => client.Closed.IsCompleted || ledger.UnackedCount(client.Name) == 0).Within("acks");
            }
        }
        catch (IOException)
        {
            await client.Closed.Within("the close");
        }
    }
}
