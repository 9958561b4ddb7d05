using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>A node that the others have thrown out.</summary>
public sealed class EvictionTests
{
    [Fact]
    public async Task One_that_stood_still_for_too_long_ends_with_1_and_says_why_and_the_others_go_on()
    {
        await using var group = await NodeGroup.StartAsync("n1", "n2", "n3");
        await using var ann = await ChatClient.ConnectAsync(group["n1"].Port, "ann");
        await ann.JoinAsync("lobby");

        group["n3"].Freeze();
        await group["n1"].WaitForViewAsync(names => names.Count == 2);
        group["n3"].Thaw();

        (await group["n3"].ExitAsync()).ShouldBe(1);
        group["n3"].Errors.ShouldContain(line => line.Contains("crit: "), group["n3"].Output);
        group["n3"].Output.ShouldContain("The process ends at once, since this node is no member of its cluster any more");
        await ann.SendAckedAsync("lobby", "m1", "still here");
        group["n1"].ShouldBeUnharmed();
        group["n2"].ShouldBeUnharmed();
    }
}
