using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Cluster.Tests.Harness.Faults;
using ClusterChat.Cluster.Tests.Harness.Load;
using ClusterChat.Gateway.Http.Admin;
using ClusterChat.TestKit.Identity;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>The topology of <c>deploy/docker/compose.yaml</c>, as processes: three nodes, PostgreSQL, and HAProxy with its file in front.</summary>
[Collection(FaultCollection.Name)]
[Trait("Needs", "HAProxy")]
public sealed class ProxyTests(ITestOutputHelper output)
{
    private static readonly string[] Names = ["n1", "n2", "n3"];

    /// <summary>Clients go within half of it.</summary>
    private static readonly Dictionary<string, string> ShortDrain = new(StringComparer.Ordinal) { ["Limits:DrainGrace"] = "00:00:08" };

    [Fact]
    public async Task Behind_a_proxy_all_nodes_are_replaced_and_nobody_misses_repeats_or_is_refused_anything()
    {
        await using var fleet = await Fleet.StartAsync(await PostgresFleetStore.CreateAsync(), network: null, [.. Names.Select(n => (n, Fleet.Both))], ShortDrain);
        await using var proxy = await HaproxyProcess.StartAsync(Names.ToDictionary(n => n, n => fleet[n].Address, StringComparer.Ordinal));
        await using var load = new ChatLoad(new LoadPlan(Clients: 90, Rooms: 12, PerSecond: 100, Prefix: "p", Seed: 1), () => [proxy.Address]);
        await load.StartAsync();
        using var stop = new CancellationTokenSource();
        var asking = AskAsync(proxy.Address, load.Rooms, stop.Token);
        foreach (var name in Names)
        {
            (await ConnectionsAsync(fleet[name])).ShouldBePositive("the proxy spreads clients over all nodes, also those that were replaced");
            await fleet.TerminateAsync(fleet[name]);
            await load.AllLiveAsync();
            await fleet.ReviveAsync();
            await load.CatchUpAsync();
        }

        await stop.CancelAsync();
        var answers = await asking;
        await load.SettleAsync(fleet.Store.Journal);
        var violations = await load.CheckAsync(fleet.Store.Journal);
        fleet.Judge();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{load.Recorder.Published} messages in {load.Recorder.Now.TotalSeconds:F0} s; {string.Join(' ', answers.Select(a => $"{a.Value} x {(int)a.Key}"))} to GET meanwhile"));

        violations.ShouldBeEmpty();
        fleet.Surprises.ShouldBeEmpty();
        answers.Keys.ShouldHaveSingleItem().ShouldBe(HttpStatusCode.OK, "a node that goes is not asked any more, or its refusal is taken to another one");
    }

    [Fact]
    public async Task Behind_a_proxy_that_is_named_clients_have_their_own_addresses_and_nothing_that_they_say_of_themselves_counts()
    {
        using var data = new DataFolder();
        var (key, entry) = AdminKeys.Create("ops");
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path }.With("Proxy:Networks:0", "127.0.0.1/32")
            .With("Admin:Keys:0", entry).With("Auth:Mode", "jwt").With("Auth:Jwt:Secret", TestTokens.Secret));
        await using var proxy = await HaproxyProcess.StartAsync(Names.ToDictionary(n => n, _ => node.Address!, StringComparer.Ordinal));
        using var handler = new SocketsHttpHandler { ConnectCallback = ConnectFromElsewhereAsync, UseCookies = false };
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"http://{proxy.Address}/") };
        foreach (var (name, value) in new[] { ("X-Forwarded-For", "203.0.113.7, 127.0.0.1"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("Forwarded", "for=203.0.113.7") })
            client.DefaultRequestHeaders.Add(name, value);
        var token = TestTokens.Hs256(TestTokens.Claims("ann", DateTimeOffset.UtcNow.AddHours(1)));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("api/rooms/lobby/events", UriKind.Relative)) { Headers = { Authorization = new("Bearer", token) } };
        using var stream = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        stream.StatusCode.ShouldBe(HttpStatusCode.OK);

        // The cookie of a user, brought by a page that would pass for the server's own.
        using var foreign = new HttpRequestMessage(HttpMethod.Get, new Uri("api/rooms", UriKind.Relative))
        {
            Headers = { { "Cookie", "access_token=" + token }, { "Origin", "https://evil.example" } },
        };
        using var refused = await client.SendAsync(foreign);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        using var operators = RoomHttp.Client(node.Port);
        operators.DefaultRequestHeaders.Add("X-Api-Key", key);
        var listed = await operators.GetJsonAsync("api/admin/connections");
        listed.GetProperty("connections").EnumerateArray().ShouldHaveSingleItem().GetProperty("address").GetString().ShouldBe("127.0.0.2");
    }

    private static async ValueTask<Stream> ConnectFromElsewhereAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Asks for histories without a pause; returns how often each status came.</summary>
    private static async Task<Dictionary<HttpStatusCode, int>> AskAsync(IPEndPoint address, IReadOnlyList<string> rooms, CancellationToken stop)
    {
        var answers = new Dictionary<HttpStatusCode, int>();
        using var http = RoomHttp.Client(address);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            using var answer = await http.GetAsync(new Uri($"/api/rooms/{rooms[i % rooms.Count]}/messages", UriKind.Relative), CancellationToken.None);
            answers[answer.StatusCode] = answers.GetValueOrDefault(answer.StatusCode) + 1;
        }

        return answers;
    }

    private static async Task<int> ConnectionsAsync(FleetNode node)
        => (await node.Process.ViewAsync()).GetProperty("nodes").EnumerateArray().First(n => n.GetProperty("name").GetString() == node.Name).GetProperty("connections").GetInt32();
}
