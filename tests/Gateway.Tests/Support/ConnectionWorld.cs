using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClusterChat.Cluster;
using ClusterChat.Cluster.Abuse;
using ClusterChat.Gateway.Abuse;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Gateway.Identity;
using ClusterChat.Gateway.Limits;
using ClusterChat.Protocol;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Gateway.Tests;

/// <summary>A gateway's connections in virtual time. The test plays the clients and the rooms.</summary>
internal sealed class ConnectionWorld : IDisposable
{
    private int _ids;

    public ConnectionWorld(
        Action<GatewayOptions>? options = null, IAuthenticator? authenticator = null, IBlockStore? blocks = null, AuditTrail? audit = null)
    {
        options?.Invoke(Options);
        var system = Simulation.CreateActorSystem();
        var metrics = new GatewayMetrics(Meters.Meters);
        var keptOut = new KeptOut(blocks, new BlockOptions(), Simulation.Clock, NullLogger.Instance, Meters.Meters);
        Services = new ConnectionServices(
            system, Simulation.Clock, new Lanes(system.Dispatchers.DefaultGlobalDispatcher, 2), Options, ProtocolLimits.Default, new RequestParser(ProtocolLimits.Default),
            new Subscriptions(system, Simulation.Clock, Cluster, Options, metrics), Cluster, "gw-1",
            new BlockingAuthenticator(
                authenticator ?? new GuestAuthenticator(new GuestSessions(new byte[32], () => SHA256.HashData([(byte)++_ids])[..16], Simulation.Clock, TimeSpan.FromDays(30))),
                keptOut),
            new ClientLimits(Options, Simulation.Clock), new DrainState(), () => (++_ids).ToString(CultureInfo.InvariantCulture), NullLogger.Instance)
        {
            Metrics = metrics,
            KeptOut = keptOut,
            Audit = audit,
        };
        Registry = new ConnectionRegistry(Services);
        metrics.Watch(Registry, Services);
    }

    public GatewayOptions Options { get; } = new();

    public Simulation Simulation { get; } = new(1);

    public FakeCluster Cluster { get; } = new();

    public MeterReader Meters { get; } = new();

    public ConnectionServices Services { get; }

    public ConnectionRegistry Registry { get; }

    /// <summary>If it is true rooms answer joins at once, under one empty log each.</summary>
    public bool RoomsAnswer { get; set; } = true;

    public TestConnection OpenJson(string? token = null, string? address = null)
    {
        var transport = new FakeTransport();
        return new TestConnection(this, transport, Registry.OpenJson(transport, token, address is null ? null : Services.Limits.Connect(IPAddress.Parse(address)).Allowance));
    }

    public TestConnection OpenPlain(string room, string name)
    {
        var transport = new FakeTransport();
        var connection = new TestConnection(this, transport, Registry.OpenPlain(transport, room, Guest(name)));
        Run();
        return connection;
    }

    private ClientIdentity Guest(string name) => Services.Authenticator.Admit(name).Identity!;

    public TestConnection Hello(string name = "ann", string? address = null)
    {
        var connection = OpenJson(address: address);
        connection.Send($$"""{"id":1,"t":"hello","name":"{{name}}"}""");
        connection.Transport.Lines.ShouldHaveSingleItem().ShouldStartWith("{\"t\":\"welcome\"");
        connection.Transport.Wire.Clear();
        return connection;
    }

    /// <summary>Runs until nothing is left to do, rooms included.</summary>
    public void Run()
    {
        Simulation.RunUntilIdle();
        while (RoomsAnswer && Answer())
            Simulation.RunUntilIdle();
    }

    public void RunFor(TimeSpan time)
    {
        Simulation.RunFor(time);
        Run();
    }

    public void Say(FromRoom message)
    {
        Cluster.Sink.Deliver(message);
        Run();
    }

    /// <summary>The stream to a room.</summary>
    public long Stream(string room) => Streams[room];

    public void Dispose()
    {
        Registry.Dispose();
        Meters.Dispose();
    }

    private Dictionary<string, long> Streams { get; } = new(StringComparer.Ordinal);

    private int Answered { get; set; }

    private bool Answer()
    {
        if (Answered == Cluster.Sent.Count)
            return false;
        var message = Cluster.Sent[Answered++];
        switch (message)
        {
            case Subscribe subscribe:
                Streams[subscribe.Room] = subscribe.Stream;
                Cluster.Sink.Deliver(new Subscribed(subscribe.Room, subscribe.Stream, "L", 1, 0));
                break;
            case Enter enter:
                Cluster.Sink.Deliver(new EventPage(enter.Room, enter.Stream, enter.Request, "L", 0, [], 0, false, true, 1, ["ann"]));
                break;
        }

        return true;
    }
}

/// <summary>One client's connection, with the client played by the test.</summary>
internal sealed class TestConnection(ConnectionWorld world, FakeTransport transport, ClientConnection connection)
{
    private Task _handled = Task.CompletedTask;

    public FakeTransport Transport => transport;

    public ClientConnection Connection => connection;

    /// <summary>Whether the client's last frame has been handled, so that the next one may be read.</summary>
    public bool IsReading => _handled.IsCompleted;

    /// <summary>Sends a frame and runs the world.</summary>
    public TestConnection Send(string frame)
    {
        IsReading.ShouldBeTrue("a client reads on only when its last frame was handled");

        // Looked at and not awaited: the test's own synchronization context would leave the simulation.
        _handled = connection.ReceiveAsync([Encoding.UTF8.GetBytes(frame)]).AsTask();
        world.Run();
        return this;
    }

    /// <summary>The codes of the errors that came, in order.</summary>
    public IEnumerable<string> Errors => Json().Where(j => Text(j, "t") == "error").Select(j => Text(j, "code"));

    /// <summary>The types of what came, in order.</summary>
    public IEnumerable<string> Types => Json().Select(j => Text(j, "t"));

    public IEnumerable<JsonElement> Json() => transport.Lines.Select(l => JsonDocument.Parse(l).RootElement);

    /// <summary>How the server closed the connection; null while it did not.</summary>
    public string? Closed => transport.Wire.Find(w => w.StartsWith("close", StringComparison.Ordinal))?.Split(' ')[1];

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
