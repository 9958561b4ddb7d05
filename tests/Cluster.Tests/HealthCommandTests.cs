using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary><c>clusterchat health</c>: the probe of a container that has no other program.</summary>
public sealed class HealthCommandTests
{
    [Fact]
    public async Task It_asks_the_management_port_else_the_public_one_and_ends_with_0()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path }.With("Management", "http://127.0.0.1:0"));
        await using var open = await NodeProcess.StartAsync(new NodeOptions { Data = Path.Combine(data.Path, "open") });
        var everywhere = $"http://0.0.0.0:{node.Management!.Port}";

        (await HealthAsync(0, [], ("ClusterChat__Management", everywhere), ("URLS", $"http://127.0.0.1:{node.Port}"))).ShouldContain("healthz/ready: 200");
        (await HealthAsync(0, ["--live", "--management", everywhere])).ShouldContain("healthz/live: 200");
        (await HealthAsync(0, [], ("ASPNETCORE_URLS", $"http://*:{open.Port}"))).ShouldContain("ready");
        (await HealthAsync(0, ["--url", $"http://{node.Management}/healthz/ready"])).ShouldContain("200");
        (await HealthAsync(1, ["--urls", $"http://127.0.0.1:{node.Port}"])).ShouldContain("404");
    }

    [Fact]
    public async Task A_node_that_drains_is_alive_and_not_ready()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path)
            .With("Management", "http://127.0.0.1:0").With("Limits:DrainGrace", "00:00:20").With("Limits:CloseTimeout", "00:00:20"));
        await using var stuck = await WebSocketWire.ConnectAsync(node.Port);
        await stuck.SendTextAsync("""{"id":1,"t":"hello","name":"stuck"}""");
        (await stuck.ReadTextAsync()).ShouldContain("welcome");
        node.Terminate();
        await node.WaitForLineAsync("Draining");

        (await HealthAsync(1, ["--management", $"http://{node.Management}"])).ShouldContain("draining");
        (await HealthAsync(0, ["--live", "--management", $"http://{node.Management}"])).ShouldContain("alive");
    }

    [Fact]
    public async Task Nobody_there_silence_and_nowhere_to_ask_end_with_1_and_a_line()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        (await HealthAsync(1, ["--urls", $"http://{nobody.LocalEndPoint}"])).ShouldContain("refused");
        (await HealthAsync(1, ["--urls", $"http://{silent.LocalEndpoint}"])).ShouldContain("no answer within 2 s");
        (await HealthAsync(1, ["--urls", "http://127.0.0.1:0"])).ShouldContain("--url");
        (await HealthAsync(1, ["--url", "nonsense"])).ShouldContain("--url");
    }

    private static async Task<string> HealthAsync(int exitCode, string[] arguments, params (string Key, string Value)[] environment)
    {
        var output = await new ToolRun(["health", .. arguments])
        {
            Environment = environment.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal),
            ExitCode = exitCode,
        }.RunAsync();
        output.TrimEnd().Split('\n').Length.ShouldBe(1, output);
        return output;
    }
}
