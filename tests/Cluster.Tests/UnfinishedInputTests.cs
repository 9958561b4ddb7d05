using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>Sockets that say nothing, and requests and messages that begin and do not end, against a gateway as a process.</summary>
public sealed class UnfinishedInputTests : IDisposable
{
    private const string HalfPost = "POST /api/rooms/lobby/messages HTTP/1.1\r\nHost: h\r\nX-Guest-Name: eve\r\nContent-Length: 65500\r\n\r\n";
    private readonly DataFolder _data = new();
    private readonly List<Socket> _sockets = [];

    public void Dispose()
    {
        _sockets.ForEach(s => s.Dispose());
        _data.Dispose();
    }

    [Fact]
    public async Task What_does_not_go_on_is_closed_and_hears_why()
    {
        await using var node = await StartAsync(("Limits:InputTimeout", "00:00:02"));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        var silent = Connect(node.Port);
        var headers = Connect(node.Port, "GET / HTTP/1.1\r\nHost: h\r\nX: " + new string('x', 31_000));
        var body = Connect(node.Port, HalfPost + new string('x', 65_000));
        var noBody = Connect(node.Port, HalfPost);
        await using var wire = await WebSocketWire.ConnectAsync(node.Port);
        await wire.SendTextAsync("""{"id":1,"t":"hello","name":"eve"}""");
        await wire.SendRawAsync(WebSocketWire.Frame(WireFrame.TextFrame, new byte[60_000]).AsMemory(0, 50_000));

        (await ReadToEndAsync(silent)).ShouldBeEmpty();
        (await ReadToEndAsync(headers)).ShouldStartWith("HTTP/1.1 408 ");
        (await ReadToEndAsync(body)).ShouldStartWith("HTTP/1.1 408 ");
        (await ReadToEndAsync(noBody)).ShouldStartWith("HTTP/1.1 408 ");
        (await wire.ReadCloseAsync()).ShouldBe(3008);
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task What_is_held_of_unfinished_requests_stays_within_its_budget_and_others_chat_on()
    {
        const int Most = 2_000_000;
        await using var node = await StartAsync(("Limits:InputBytes", Most.ToString(CultureInfo.InvariantCulture)));
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        for (var i = 0; i < 50; i++)
        {
            Connect(node.Port, HalfPost + new string('x', 65_000));
            Connect(node.Port, "GET / HTTP/1.1\r\nHost: h\r\nX: " + new string('x', 31_000));
        }

        (await ReadToEndAsync(await Task.WhenAny(_sockets.Select(SaysSomethingAsync)).Unwrap())).ShouldStartWith("HTTP/1.1 503 ");

        // Those that were told to go may take a moment.
        while ((await Scrape.ReadAsync(node.Address!)).Sum("clusterchat_input_held_bytes") is 0 or > Most)
            await Task.Yield();
        (await Scrape.ReadAsync(node.Address!)).Sum("clusterchat_input_given_up_total", "reason=memory").ShouldBeGreaterThan(0);
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Silent_sockets_that_take_all_descriptors_make_room_for_those_who_speak()
    {
        await using var node = await NodeProcess.StartAsync(
            NodeOptions.Unlimited(_data.Path).With("Limits:SocketsPerAddress", "0") with { Launcher = ["prlimit", "--nofile=500", "dotnet"] });
        await using var bystander = await Bystander.StartAsync(node.Port, "lobby");
        for (var i = 0; i < 600; i++)
            Connect(node.Port);

        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        using var http = RoomHttp.Client(node.Port);
        (await http.GetAsync(new Uri("healthz/ready", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Scrape.ReadAsync(node.Address!)).Sum("clusterchat_sockets_refused_total", "reason=place").ShouldBeGreaterThan(0);
        await bystander.ShouldFlowAsync();
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task A_node_that_can_take_no_other_client_says_so()
    {
        await using var node = await StartAsync(("Limits:MaxConnections", "2"));
        using var http = RoomHttp.Client(node.Port);
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        (await http.GetAsync(new Uri("healthz/ready", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);

        await using (var bob = await ChatClient.ConnectAsync(node.Port, "bob"))
        {
            using var full = await http.GetAsync(new Uri("healthz/ready", UriKind.Relative));
            full.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await full.Content.ReadAsStringAsync()).ShouldContain("\"full\"");
        }

        await BecomesReadyAsync(http).Within("the node's being ready again");
    }

    [Fact]
    public async Task An_address_has_so_many_sockets_whatever_they_say_and_others_get_in()
    {
        await using var node = await StartAsync(("Limits:SocketsPerAddress", "5"));
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        for (var i = 0; i < 4; i++)
            Connect(node.Port);

        (await ReadToEndAsync(Connect(node.Port))).ShouldBeEmpty();

        var other = Connect(node.Port, "GET /healthz/ready HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "127.0.0.2");
        (await ReadToEndAsync(other)).ShouldStartWith("HTTP/1.1 200 ");
        await ann.ShouldAnswerAsync();
        node.Count("Limits:SocketsPerAddress").ShouldBe(1);
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Silent_sockets_do_not_keep_a_probe_from_the_management_port()
    {
        await using var node = await StartAsync(("Management", "http://127.0.0.1:0"));
        var management = node.Management!;
        for (var i = 0; i < 200; i++)
            Connect(management.Port);

        using var http = RoomHttp.Client(management);
        (await http.GetAsync(new Uri("healthz/live", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
        node.ShouldBeUnharmed();
    }

    private static async Task BecomesReadyAsync(HttpClient http)
    {
        while (true)
        {
            using var answer = await http.GetAsync(new Uri("healthz/ready", UriKind.Relative));
            if (answer.StatusCode == HttpStatusCode.OK)
                return;
        }
    }

    private Task<NodeProcess> StartAsync(params (string Key, string Value)[] settings)
        => NodeProcess.StartAsync(settings.Aggregate(NodeOptions.Unlimited(_data.Path), (o, s) => o.With(s.Key, s.Value)));

    private Socket Connect(int port, string says = "", string from = "127.0.0.1")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        socket.Connect(IPAddress.Loopback, port);
        try
        {
            socket.Send(Encoding.ASCII.GetBytes(says));
        }
        catch (SocketException)
        {
            // It was closed already.
        }

        return socket;
    }

    private static async Task<Socket> SaysSomethingAsync(Socket socket)
    {
        try
        {
            await socket.ReceiveAsync(Memory<byte>.Empty).AsTask().Within("a word from the node");
        }
        catch (SocketException)
        {
            // It did, and was too quick.
        }

        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = string.Empty;
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer).Within("the end of a connection") is > 0 and var count)
                text += Encoding.ASCII.GetString(buffer, 0, count);
        }
        catch (SocketException)
        {
            // Reset.
        }

        return text;
    }
}
