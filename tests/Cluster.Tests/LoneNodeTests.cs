using System.Net;
using System.Net.NetworkInformation;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>A node that was started to be alone: with one of its kind on its data, after a crash, and towards the network.</summary>
public sealed class LoneNodeTests
{
    [Fact]
    public async Task A_second_one_on_the_same_data_is_refused_and_says_what_to_do()
    {
        using var data = new DataFolder();
        await using var first = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path });

        await using var second = NodeProcess.StartFailing(new NodeOptions { Data = data.Path, Name = "n2" });

        (await second.ExitAsync()).ShouldBe(1, second.Output);
        second.Output.ShouldContain("uses this database already, and this node was started to be alone");
        second.Output.ShouldNotContain("   at ", Case.Sensitive, "a stack trace helps nobody here");
        await using var ann = await ChatClient.ConnectAsync(first.Port, "ann");
        await ann.JoinAsync("lobby");
        await ann.SendAckedAsync("lobby", "m1", "still here");
        first.ShouldBeUnharmed();
    }

    [Fact]
    public async Task After_a_kill_it_starts_again_on_its_data()
    {
        using var data = new DataFolder();
        await using var first = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path });
        await first.KillAsync();

        await using var again = await first.RestartAsync();

        again.ShouldBeUnharmed();
        again.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Other_machines_cannot_reach_its_port_for_nodes()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path });
        var line = await node.WaitForLineAsync("Listening for other nodes on");
        var port = int.Parse(line[(line.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(l => l.Port == port).ToList();

        listening.ShouldHaveSingleItem().Address.ShouldBe(IPAddress.Loopback);
    }
}
