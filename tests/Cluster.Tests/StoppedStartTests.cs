using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>A node that waits for its database when it starts: it says so, can be asked how it is, and can be told to end.</summary>
public sealed class StoppedStartTests
{
    [Fact]
    public async Task It_logs_that_it_waits_is_alive_and_not_ready_and_ends_with_0_on_sigterm()
    {
        // Bound and not listening: connections are refused, and nobody else takes the port.
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var data = new DataFolder();
        await using var node = NodeProcess.StartFailing(new NodeOptions { Data = data.Path }
            .With("Postgres", $"Host=127.0.0.1;Port={((IPEndPoint)nobody.LocalEndPoint!).Port};Username=chat;Password=shibboleth")
            .With("Management", "http://127.0.0.1:0"));

        var line = await node.WaitForLineAsync("Waiting for the PostgreSQL database");

        line.ShouldContain(nobody.LocalEndPoint!.ToString()!);
        using (var http = RoomHttp.Client(node.Management!))
        {
            (await http.GetJsonAsync("healthz/live")).GetProperty("status").GetString().ShouldBe("alive");
            using var ready = await http.GetAsync(new Uri("healthz/ready", UriKind.Relative));
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync()).ShouldContain("starting");
            (await http.GetAsync(new Uri("cluster", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        node.Terminate();

        (await node.ExitAsync(TimeSpan.FromSeconds(10))).ShouldBe(0, node.Output);
        node.Errors.ShouldBeEmpty();
        node.Output.ShouldNotContain("shibboleth");
    }
}
