using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using Akka.Serialization;
using ClusterChat.Cluster;
using ClusterChat.Messages;

namespace ClusterChat.Shared.Tests.Messages;

/// <summary>The serializer in its place: two actor systems with Akka.Remote between them.</summary>
public sealed class RemoteDeliveryTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Config Remote = ConfigurationFactory.ParseString("""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          actor.provider = remote
          remote.dot-netty.tcp {
            hostname = "127.0.0.1"
            port = 0
            maximum-frame-size = 2 MiB
            send-buffer-size = 4 MiB
            receive-buffer-size = 4 MiB
          }
        }
        """);

    private readonly Channel<object> _received = Channel.CreateUnbounded<object>();
    private ActorSystem _receiver = null!;

    public Task InitializeAsync()
    {
        _receiver = ActorSystem.Create("receiver", Remote.WithFallback(ChatMessageSerializer.Registration));
        _receiver.ActorOf(Props.Create(() => new Receiver(_received.Writer)), "inbox");
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _receiver.Terminate();

    [Fact]
    public async Task Messages_arrive_as_they_were_sent()
    {
        using var sender = ActorSystem.Create("sender", Remote.WithFallback(ChatMessageSerializer.Registration));
        var inbox = Inbox(sender);
        object[] messages =
        [
            new Subscribe("room", "g/1", 1, [new Member("u", "ann")], 7),
            new Write("room", "g/1", 1, 2, 0, new Member("u", "ann"), false, "m", new MessageContent("hello", 1, "{}"u8.ToArray())),
            new EventsCommitted("room", 1, 5, ["{\"t\":\"msg\"}"u8.ToArray(), "{}"u8.ToArray()]),
            new FlowMark(9),
            Handover(1_000_000),
        ];
        foreach (var message in messages)
        {
            inbox.Tell(message);
        }

        foreach (var message in messages)
        {
            SampleMessages.Show(await NextAsync()).ShouldBe(SampleMessages.Show(message));
        }

        await sender.Terminate();
    }

    // Lines are slices of what Akka hands over: were those arrays used again, what came first would change.
    [Fact]
    public async Task Lines_stay_what_they_are_when_further_messages_come()
    {
        using var sender = ActorSystem.Create("sender", Remote.WithFallback(ChatMessageSerializer.Registration));
        var inbox = Inbox(sender);
        var kept = new List<object>();
        for (var i = 0; i < 500; i++)
        {
            inbox.Tell(Events(i));
        }

        for (var i = 0; i < 500; i++)
        {
            kept.Add(await NextAsync());
        }

        kept.Select(SampleMessages.Show).ShouldBe(Enumerable.Range(0, 500).Select(i => SampleMessages.Show(Events(i))));
        await sender.Terminate();

        static EventsCommitted Events(int i)
        {
            var line = new byte[150];
            Array.Fill(line, (byte)i);
            return new EventsCommitted("room", 1, i, [line, line]);
        }
    }

    [Fact]
    public async Task A_message_that_only_a_later_version_knows_costs_no_other()
    {
        using var sender = ActorSystem.Create("sender", Remote.WithFallback($$"""
            akka.actor {
              serializers.later = "{{typeof(LaterSerializer).AssemblyQualifiedName}}"
              serialization-bindings { "{{typeof(INodeMessage).AssemblyQualifiedName}}" = later }
            }
            """));
        var inbox = Inbox(sender);

        inbox.Tell(new FlowMark(1));
        inbox.Tell(new OfLaterVersion());
        inbox.Tell(new FlowMark(2));

        (await NextAsync()).ShouldBe(new FlowMark(1));
        (await NextAsync()).ShouldBe(new FlowMark(2));
        await sender.Terminate();
    }

    private static KeepRoom Handover(int bytes) => new(1, "room", new RoomHandover(
        "log", 1, bytes / 250, [.. Enumerable.Range(0, bytes / 250).Select(i => new HandedEvent(1, "u", $"m{i}", i, 0, new byte[250]))], [], null, []));

    private IActorRef Inbox(ActorSystem sender)
    {
        var address = ((ExtendedActorSystem)_receiver).Provider.DefaultAddress;
        return ((ExtendedActorSystem)sender).Provider.ResolveActorRef($"{address}/user/inbox");
    }

    private async Task<object> NextAsync() => await _received.Reader.ReadAsync().AsTask().WaitAsync(Patience, TimeProvider.System);

    private sealed class Receiver(ChannelWriter<object> received) : UntypedActor
    {
        protected override void OnReceive(object message) => received.TryWrite(message);
    }

    private sealed record OfLaterVersion : INodeMessage;

    /// <summary>The serializer of a version that has one kind of message more.</summary>
    private sealed class LaterSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        private readonly ChatMessageSerializer _known = new(system);

        public override int Identifier => ChatMessageSerializer.Id;

        public override string Manifest(object o) => o is OfLaterVersion ? "ZZ" : _known.Manifest(o);

        public override byte[] ToBinary(object obj) => obj is OfLaterVersion ? [8, 1] : _known.ToBinary(obj);

        public override object FromBinary(byte[] bytes, string manifest) => _known.FromBinary(bytes, manifest);
    }
}
