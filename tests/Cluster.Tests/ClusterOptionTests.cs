using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>Wrong options of a node among several end it with 2, and are named with their environment variable.</summary>
public sealed class ClusterOptionTests
{
    [Theory]
    [InlineData("--cluster nonsense", "ClusterChat__Cluster", "must be an address")]
    [InlineData("--cluster 127.0.0.1", "ClusterChat__Cluster", "must be an address")]
    [InlineData("--cluster 127.0.0.1:99999", "ClusterChat__Cluster", "must be an address")]
    [InlineData("--cluster 0.0.0.0:9081", "ClusterChat__Cluster", "--advertise")]
    [InlineData("--cluster 127.0.0.1:0 --advertise here", "ClusterChat__Advertise", "must be a host and a port")]
    [InlineData("--advertise 10.0.0.7:9081", "ClusterChat__Advertise", "--cluster")]
    [InlineData("--cluster 127.0.0.1:0 --roles gateway,kitchen", "ClusterChat__Roles", "kitchen")]
    [InlineData("--roles rooms", "ClusterChat__Roles", "needs both roles")]
    [InlineData("--cluster 127.0.0.1:0", "ClusterChat__JoinTimeout", "must be a time above 0", "00:00:00")]
    public async Task A_wrong_option_is_named(string arguments, string variable, string why, string? joinTimeout = null)
    {
        using var data = new DataFolder();
        var options = new NodeOptions { Data = data.Path, Arguments = arguments.Split(' ') };
        await using var node = NodeProcess.StartFailing(joinTimeout is null ? options : options.With("JoinTimeout", joinTimeout));

        (await node.ExitAsync()).ShouldBe(2, node.Output);

        node.Output.ShouldContain(variable, Case.Sensitive);
        node.Output.ShouldContain(why, Case.Sensitive);
        node.Output.ShouldNotContain("   at ", Case.Sensitive, "a stack trace helps nobody here");
    }
}
