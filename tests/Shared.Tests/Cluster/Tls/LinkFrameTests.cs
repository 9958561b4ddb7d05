using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Transport;
using ClusterChat.Cluster.Tls;
using Google.Protobuf;

namespace ClusterChat.Shared.Tests.Cluster.Tls;

/// <summary>Sizes and amounts on one connection.</summary>
public sealed class LinkFrameTests
{
    private static readonly Address Somewhere = new("ssl.tcp", "test", "127.0.0.1", 1);

    private readonly RemoteLinkSetup _setup = new(
        TlsNode.Patient with { MaxWaitingBytes = 100_000 }, ClusterTls.FromSecrets("node", TimeProvider.System, TlsNode.Secret), TimeProvider.System, new LogLines());

    [Fact]
    public async Task A_message_that_is_too_large_is_dropped_with_a_line_and_the_connection_stays()
    {
        await using var a = TlsNode.Start();
        await using var b = TlsNode.Start();
        var errors = Channel.CreateUnbounded<string>();
        a.System.EventStream.Subscribe(a.System.ActorOf(Props.Create(() => new Errors(errors.Writer))), typeof(Error));
        await a.ReachesAsync(b, "before");

        a.Send(b, new string('x', TlsNode.Patient.MaxMessageBytes));
        await a.ReachesAsync(b, "after");

        (await errors.Reader.ReadAsync().AsTask().WaitAsync(TlsNode.Guard, TimeProvider.System)).ShouldContain("Discarding oversized payload");
        b.Log.All.ShouldAllBe(l => l.Id != 1422, "no connection has ended");
    }

    [Fact]
    public async Task A_message_up_to_the_limit_goes_through_in_both_directions()
    {
        await using var a = TlsNode.Start();
        await using var b = TlsNode.Start();
        var large = new string('x', TlsNode.Patient.MaxMessageBytes - 1000);

        await a.ReachesAsync(b, large);
        await b.ReachesAsync(a, large);
    }

    [Fact]
    public async Task A_frame_over_the_limit_ends_the_connection_and_the_node_goes_on()
    {
        await using var b = TlsNode.Start();
        await using var friend = TlsNode.Start();
        using var tls = ClusterTls.FromSecrets("unruly", TimeProvider.System, TlsNode.Secret);
        var streams = new LinkStreams(new RemoteLinkSetup(TlsNode.Patient, tls, TimeProvider.System, new LogLines()));
        await using var unruly = await streams.DialAsync(b.EndPoint.Address.ToString(), b.EndPoint.Port, CancellationToken.None);

        await unruly.WriteAsync(new byte[] { 0xff, 0xff, 0xff, 0x7f });

        (await b.Log.FirstAsync(1420)).ShouldContain("2147483647");
        (await unruly.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false)).ShouldBe(0);
        await friend.ReachesAsync(b, "from a friend");
    }

    [Fact]
    public async Task Who_takes_nothing_makes_akka_wait_and_gets_everything_in_order_before_the_end()
    {
        var (association, peer) = await ConnectAsync();
        var running = association.RunAsync();
        association.ReadHandlerSource.SetResult(new Ignore());
        var taken = 0;
        while (association.Write(Payload(taken)))
        {
            taken++;
            taken.ShouldBeLessThan(100_000, "what waits has no bound");
        }

        association.Close();
        association.Write(Payload(0)).ShouldBeFalse("it ends");
        for (var i = 0; i < taken; i++)
        {
            var frame = new byte[4 + 1000];
            await peer.ReadExactlyAsync(frame);
            BinaryPrimitives.ReadInt32LittleEndian(frame).ShouldBe(1000);
            BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(4)).ShouldBe(i);
        }

        (await peer.ReadAsync(new byte[1])).ShouldBe(0);
        await peer.DisposeAsync();
        await running.WaitAsync(TlsNode.Guard, TimeProvider.System);

        static ByteString Payload(int number)
        {
            var bytes = new byte[1000];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            return ByteString.CopyFrom(bytes);
        }
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_told_to_akka_at_once()
    {
        var (association, peer) = await ConnectAsync();
        var told = new Told();
        var running = association.RunAsync();
        association.ReadHandlerSource.SetResult(told);

        await peer.DisposeAsync();

        await told.Ended.WaitAsync(TlsNode.Guard, TimeProvider.System);
        await running.WaitAsync(TlsNode.Guard, TimeProvider.System);
        association.Write(ByteString.CopyFromUtf8("late")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_connection_whose_peer_takes_nothing_ends_when_its_time_to_drain_is_over()
    {
        var clock = new TestKit.ManualClock();
        var (association, peer) = await ConnectAsync(new RemoteLinkSetup(_setup.Options, _setup.Tls, clock, _setup.Logger));
        var running = association.RunAsync();
        association.ReadHandlerSource.SetResult(new Ignore());
        while (association.Write(ByteString.CopyFrom(new byte[100_000])))
        {
            // Until the socket is full, and what waits behind it too.
        }

        association.Close();
        running.IsCompleted.ShouldBeFalse();
        clock.Advance(_setup.Options.DrainTimeout);

        await running.WaitAsync(TlsNode.Guard, TimeProvider.System);
        await peer.DisposeAsync();
    }

    private async Task<(TlsAssociation Association, SslStream Peer)> ConnectAsync(RemoteLinkSetup? setup = null)
    {
        setup ??= _setup;
        var streams = new LinkStreams(_setup);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dialling = streams.DialAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, CancellationToken.None);
        var peer = streams.AcceptAsync(await listener.AcceptSocketAsync(), CancellationToken.None);
        return (new TlsAssociation(Somewhere, Somewhere, await dialling, setup), await peer);
    }

    private sealed class Ignore : IHandleEventListener
    {
        public void Notify(IHandleEvent ev)
        {
        }
    }

    private sealed class Told : IHandleEventListener
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public void Notify(IHandleEvent ev)
        {
            if (ev is Disassociated)
                _ended.TrySetResult();
        }
    }

    private sealed class Errors(ChannelWriter<string> errors) : UntypedActor
    {
        protected override void OnReceive(object message) => errors.TryWrite(((Error)message).ToString());
    }
}
