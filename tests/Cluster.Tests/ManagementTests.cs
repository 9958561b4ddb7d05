using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Gateway.Http.Admin;

namespace ClusterChat.Cluster.Tests;

/// <summary>The management port: what is for operators is there and nowhere else, and nothing else is there.</summary>
public sealed class ManagementTests
{
    private static readonly string[] ForOperators = ["healthz/live", "healthz/ready", "cluster", "metrics"];
    private static readonly string[] ForClients = ["", "index.html", "client/clusterchat.js", "api/rooms", "api/rooms/lobby/messages"];

    [Fact]
    public async Task Without_it_operators_and_clients_share_the_port()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path });

        node.Management.ShouldBeNull();
        (await StatusesAsync(node.Address!, [.. ForOperators, .. ForClients])).ShouldAllBe(s => s == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_it_what_operators_look_at_is_for_this_machine_and_for_who_has_a_key_and_probes_are_for_all()
    {
        using var data = new DataFolder();
        var (key, entry) = AdminKeys.Create("ops");
        await using var node = await NodeProcess.StartAsync(
            new NodeOptions { Data = data.Path }.With("Admin:Keys:0", entry).With("Proxy:Networks:0", "127.0.0.1/32"));

        (await StatusesAsync(node.Address!, ForOperators, ("X-Forwarded-For", "203.0.113.7")))
            .ShouldBe([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized]);
        (await StatusesAsync(node.Address!, ["METRICS", "metrics/", "Cluster/"], ("X-Forwarded-For", "203.0.113.7"))).ShouldAllBe(s => s == HttpStatusCode.Unauthorized);
        (await StatusesAsync(node.Address!, ForOperators, ("X-Forwarded-For", "203.0.113.7"), ("X-Api-Key", key))).ShouldAllBe(s => s == HttpStatusCode.OK);
        (await StatusesAsync(node.Address!, ForOperators)).ShouldAllBe(s => s == HttpStatusCode.OK);
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Without_keys_and_through_a_proxy_that_nobody_has_named_they_are_for_nobody_and_no_page_reads_them()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path, Arguments = ["--roles", "gateway,rooms"] });
        using var http = RoomHttp.Client(node.Address!);
        foreach (var path in (string[])["cluster", "metrics"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative)) { Headers = { { "X-Forwarded-For", "127.0.0.1" } } };
            using var refused = await http.SendAsync(request);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await refused.Content.ReadAsStringAsync()).ShouldContain("--management");

            // A page in a browser on this machine.
            (await AllowedOriginAsync(path)).ShouldBeNull();
        }

        (await AllowedOriginAsync("api/rooms")).ShouldBe("*");

        async Task<string?> AllowedOriginAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative)) { Headers = { { "Origin", "https://evil.example" } } };
            using var answer = await http.SendAsync(request);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
        }
    }

    [Fact]
    public async Task Without_it_a_node_without_the_role_of_a_gateway_answers_its_own_machine()
    {
        await using var group = new NodeGroup();
        await group.AddAsync(group.Options("r1", "rooms"));
        (await StatusesAsync(group["r1"].Address!, ForOperators)).ShouldAllBe(s => s == HttpStatusCode.OK);
        (await StatusesAsync(group["r1"].Address!, ["cluster", "metrics"], ("Via", "1.1 x"))).ShouldAllBe(s => s == HttpStatusCode.Forbidden);
        group["r1"].ShouldBeUnharmed();
    }

    [Fact]
    public async Task No_answer_of_either_port_is_taken_for_anything_but_what_it_says_it_is()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(Managed(new NodeOptions { Data = data.Path }));
        using var clients = RoomHttp.Client(node.Address!);
        using var operators = RoomHttp.Client(node.Management!);
        string[] others = ["nowhere", "api/rooms?prefix=%00", "api/rooms/a%20b", "api/openapi.json", "api/rooms/lobby/messages?after=x/1", "plain", "css/base.css"];
        foreach (var (http, path) in ForOperators.Append("nowhere").Select(p => (operators, p)).Concat(ForClients.Concat(others).Select(p => (clients, p))))
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"], path);
        }

        using var stream = await clients.GetAsync(new Uri("api/rooms/lobby/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        stream.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        await using var wire = await WebSocketWire.TryConnectAsync(node.Address!.Port);
        wire.Status.ShouldBe(101);
    }

    [Fact]
    public async Task Operators_paths_answer_a_HEAD_on_either_port()
    {
        using var data = new DataFolder();
        await using (var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path }))
        {
            using var http = RoomHttp.Client(node.Address!);
            await http.ShouldAnswerHeadAsync(ForOperators);
        }

        await using (var node = await NodeProcess.StartAsync(Managed(new NodeOptions { Data = data.Path })))
        {
            using var http = RoomHttp.Client(node.Management!);
            await http.ShouldAnswerHeadAsync([.. ForOperators, "nowhere"]);
        }
    }

    [Fact]
    public async Task With_it_each_port_answers_its_own_and_404_to_all_else()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(Managed(new NodeOptions { Data = data.Path }));
        var management = node.Management.ShouldNotBeNull();

        (await StatusesAsync(management, ForOperators)).ShouldAllBe(s => s == HttpStatusCode.OK);
        (await StatusesAsync(management, [.. ForClients, "ws", "plain"])).ShouldAllBe(s => s == HttpStatusCode.NotFound);
        (await StatusesAsync(node.Address!, ForClients)).ShouldAllBe(s => s == HttpStatusCode.OK);
        (await StatusesAsync(node.Address!, [.. ForOperators, "api/admin/rooms"])).ShouldAllBe(s => s == HttpStatusCode.NotFound);
        foreach (var path in (string[])["/ws", "/", "/plain"])
        {
            await using var wire = await WebSocketWire.TryConnectAsync(management.Port, path);
            wire.Status.ShouldBe(404, path);
        }

        // A Host header of the other port opens nothing.
        using var http = RoomHttp.Client(node.Address!);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("cluster", UriKind.Relative)) { Headers = { Host = management.ToString() } };
        using var answer = await http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_node_without_the_role_of_a_gateway_has_no_other_port()
    {
        await using var group = new NodeGroup();
        await group.AddAsync(Managed(group.Options("r1", "rooms")));
        await group.AddAsync(group.Options("g1", "gateway"));
        await group.SettleAsync();
        var rooms = group["r1"];

        rooms.Address.ShouldBeNull(rooms.Output);
        rooms.Output.ShouldNotContain("Open in a browser");
        (await StatusesAsync(rooms.Management!, ForOperators)).ShouldAllBe(s => s == HttpStatusCode.OK);
        ListeningPorts(rooms.Pid).ShouldBe(2, "the cluster port and the management port");
        await using (var client = await ChatClient.ConnectAsync(group["g1"].Port, "ann"))
        {
            await client.JoinAsync("lobby");
            await client.SendAckedAsync("lobby", "m1", "x");
        }

        rooms.Terminate();
        (await rooms.ExitAsync()).ShouldBe(0);
        rooms.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_tells_that_the_node_drains_while_a_client_is_waited_for()
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(
            Managed(NodeOptions.Unlimited(data.Path)).With("Limits:DrainGrace", "00:00:06").With("Limits:CloseTimeout", "00:00:03"));
        await using var stuck = await WebSocketWire.ConnectAsync(node.Port);
        await stuck.SendTextAsync("""{"id":1,"t":"hello","name":"stuck"}""");
        (await stuck.ReadTextAsync()).ShouldContain("welcome");
        using var http = RoomHttp.Client(node.Management!);

        node.Terminate();
        await node.WaitForLineAsync("Draining");

        using (var ready = await http.GetAsync(new Uri("healthz/ready", UriKind.Relative)))
        {
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync()).ShouldContain("draining");
        }

        (await node.ExitAsync()).ShouldBe(0);
        node.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_port_in_use_fails_and_names_the_address()
    {
        using var data = new DataFolder();
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        await using var node = NodeProcess.StartFailing(new NodeOptions { Data = data.Path }.With("Management", $"http://{holder.LocalEndpoint}"));

        (await node.ExitAsync()).ShouldBe(1, node.Output);

        node.Output.ShouldContain(holder.LocalEndpoint.ToString()!);
        node.Output.ShouldContain("in use");
        node.Output.ShouldNotContain("   at ", Case.Sensitive, "a stack trace helps nobody here");
    }

    [Theory]
    [InlineData("9090")]
    [InlineData("https://127.0.0.1:9090")]
    [InlineData("http://127.0.0.1:9090/admin")]
    [InlineData("http://127.0.0.1:99999")]
    public async Task An_address_that_is_none_is_named_with_its_environment_variable(string address)
    {
        using var data = new DataFolder();
        await using var node = NodeProcess.StartFailing(new NodeOptions { Data = data.Path, Arguments = ["--management", address] });

        (await node.ExitAsync()).ShouldBe(2, node.Output);

        node.Output.ShouldContain("ClusterChat__Management");
        node.Output.ShouldContain(address);
    }

    private static NodeOptions Managed(NodeOptions options) => options.With("Management", "http://127.0.0.1:0");

    private static async Task<IReadOnlyList<HttpStatusCode>> StatusesAsync(
        IPEndPoint address, IReadOnlyList<string> paths, params (string Name, string Value)[] headers)
    {
        using var http = RoomHttp.Client(address);
        foreach (var (name, value) in headers)
            http.DefaultRequestHeaders.Add(name, value);
        var statuses = new List<HttpStatusCode>();
        foreach (var path in paths)
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            statuses.Add(answer.StatusCode);
        }

        return statuses;
    }

    /// <summary>The TCP sockets of a process that listen, from <c>/proc</c>.</summary>
    private static int ListeningPorts(int pid)
    {
        const string Listen = "0A";
        var inodes = Directory.GetFiles($"/proc/{pid}/fd")
            .Select(f => new FileInfo(f).LinkTarget) // null for one that was closed meanwhile
            .OfType<string>()
            .Where(t => t.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(t => t["socket:[".Length..^1])
            .ToHashSet(StringComparer.Ordinal);
        return ((string[])["tcp", "tcp6"])
            .SelectMany(family => File.ReadLines($"/proc/{pid}/net/{family}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields[3] == Listen && inodes.Contains(fields[9]));
    }
}
