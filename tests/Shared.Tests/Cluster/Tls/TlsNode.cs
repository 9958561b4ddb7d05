using System.Net;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Hosting;
using ClusterChat.Cluster.Tls;
using ClusterChat.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClusterChat.Shared.Tests.Cluster.Tls;

/// <summary>A real actor system with Akka.Remote over the links, on a free port of loopback.</summary>
internal sealed class TlsNode : IAsyncDisposable
{
    public static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);
    public static readonly byte[] Secret = SecretOf(1);

    /// <summary>On a machine with much to do seconds pass within a handshake; tests of the limit set their own.</summary>
    public static readonly RemoteLinkOptions Patient = new() { ConnectTimeout = Guard, HandshakeTimeout = Guard };

    private readonly ServiceProvider _services;
    private readonly Channel<object> _mail = Channel.CreateUnbounded<object>();

    private TlsNode(ServiceProvider services, LogLines log, ClusterTls tls, MeterReader meters)
    {
        (_services, Log, Tls, Meters) = (services, log, tls, meters);
        System = services.GetRequiredService<ActorSystem>();
        System.ActorOf(Props.Create(() => new Mailbox(_mail.Writer)), "mailbox");
        Address = ((ExtendedActorSystem)System).Provider.DefaultAddress;
    }

    public ActorSystem System { get; }

    public Address Address { get; }

    public IPEndPoint EndPoint => IPEndPoint.Parse($"{Address.Host}:{Address.Port}");

    public LogLines Log { get; }

    public ClusterTls Tls { get; }

    public MeterReader Meters { get; }

    public static byte[] SecretOf(byte start) => [.. Enumerable.Range(start, 32).Select(i => (byte)i)];

    public static TlsNode Start(
        ClusterTls? tls = null, RemoteLinkOptions? options = null, Action<AkkaConfigurationBuilder>? more = null)
    {
        tls ??= ClusterTls.FromSecrets("node", TimeProvider.System, Secret);
        var log = new LogLines();
        var meters = new MeterReader();
        var services = new ServiceCollection();
        services.AddAkka("test", builder =>
        {
            builder.AddHocon("""
                akka.loglevel = WARNING
                akka.stdout-loglevel = OFF
                akka.loggers = []
                akka.log-dead-letters = off
                akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
                """, HoconAddMode.Prepend);
            builder.WithRemoteLinks(options ?? Patient, tls, TimeProvider.System, LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Trace).AddProvider(log)), meters.Meters);
            more?.Invoke(builder);
        });
        return new TlsNode(services.BuildServiceProvider(), log, tls, meters);
    }

    /// <summary>Sends to the other's mailbox.</summary>
    public void Send(TlsNode other, object message) => System.ActorSelection($"{other.Address}/user/mailbox").Tell(message);

    /// <summary>What has come next.</summary>
    public async Task<object> NextAsync() => await _mail.Reader.ReadAsync().AsTask().WaitAsync(Guard, TimeProvider.System);

    /// <summary>Sends and waits until the other has it and nothing else.</summary>
    public async Task ReachesAsync(TlsNode other, string text)
    {
        Send(other, text);
        (await other.NextAsync()).ShouldBe(text);
    }

    public async ValueTask DisposeAsync()
    {
        await System.Terminate().WaitAsync(Guard, TimeProvider.System);
        await _services.DisposeAsync();
        Tls.Dispose();
        Meters.Dispose();
    }

    private sealed class Mailbox(ChannelWriter<object> mail) : UntypedActor
    {
        protected override void OnReceive(object message) => mail.TryWrite(message);
    }
}
