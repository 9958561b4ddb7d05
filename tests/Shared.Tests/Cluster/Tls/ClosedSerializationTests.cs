using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using Akka.Serialization;

namespace ClusterChat.Shared.Tests.Cluster.Tls;

/// <summary>Nothing comes in by the name of a type, and what Akka needs for itself still does.</summary>
public sealed class ClosedSerializationTests
{
    private const string NoSuchAssembly = "No.Such.Assembly.Of.The.Tests";

    [Fact]
    public async Task A_message_that_says_of_which_type_it_is_is_refused_with_a_line_and_the_connection_stays()
    {
        await using var sender = TlsNode.Start(more: b => b.WithCustomSerializer("raw", [typeof(Raw)], s => new RawSerializer(s)));
        await using var b = TlsNode.Start();
        var type = typeof(Bait).AssemblyQualifiedName!;

        sender.Send(b, new Raw(type, Encoding.UTF8.GetBytes($$"""{"$type":"{{type}}"}""")));
        await sender.ReachesAsync(b, "after");

        (await b.Log.FirstAsync(1430)).ShouldContain(nameof(Bait));
        Bait.Made.ShouldBe(0);
        sender.Log.All.ShouldAllBe(l => l.Id != 1422, "no connection has ended");
    }

    [Fact]
    public async Task An_object_that_no_serializer_is_for_is_not_sent_and_a_line_says_so()
    {
        await using var a = TlsNode.Start();
        await using var b = TlsNode.Start();

        a.Send(b, new Bait.Plain("a"));
        await a.ReachesAsync(b, "after");

        (await a.Log.FirstAsync(1431)).ShouldContain(nameof(Bait.Plain));
    }

    [Fact]
    public async Task No_serializer_of_a_whole_node_looks_up_a_type_whose_name_came_in()
    {
        var asked = new ConcurrentQueue<string>();
        Assembly? Resolve(object? sender, ResolveEventArgs args)
        {
            if (args.Name.StartsWith(NoSuchAssembly, StringComparison.Ordinal))
                asked.Enqueue(args.Name);
            return null;
        }

        AppDomain.CurrentDomain.AssemblyResolve += Resolve;
        try
        {
            await using var node = TlsNode.Start(more: WholeNode);
            var known = Enumerable.Range(-10, 1000).Where(id => Takes(node.System.Serialization, id, $"Some.Type, {NoSuchAssembly}")).ToList();

            // Those of no content, of bytes, and of messages to selections, which are what they are whatever the manifest says.
            known.ShouldBeSubsetOf([0, 4, 6]);
            asked.ShouldBeEmpty();
        }
        finally
        {
            AppDomain.CurrentDomain.AssemblyResolve -= Resolve;
        }
    }

    [Fact]
    public async Task What_makes_objects_or_actors_by_type_name_is_refused()
    {
        (int Serializer, string Manifest)[] all =
        [
            (1, "System.Object, System.Private.CoreLib"), (2, "Google.Protobuf.WellKnownTypes.Empty, Google.Protobuf"), (3, string.Empty),
            (16, "STF"), (16, "RORP"), (22, "Akka.Dispatch.SysMsg.Failed, Akka"), (22, "Akka.Dispatch.SysMsg.Create, Akka"), (36, "a"),
        ];
        await using var node = TlsNode.Start(more: WholeNode);

        foreach (var (serializer, manifest) in all)
            Should.Throw<SerializationException>(() => node.System.Serialization.Deserialize([], serializer, manifest)).Message.ShouldContain("is refused");
    }

    [Fact]
    public async Task A_cluster_with_sharding_and_publish_subscribe_works_over_it()
    {
        await using var a = TlsNode.Start(more: WholeNode);
        await using var b = TlsNode.Start(more: WholeNode);
        await UpAsync(a, a);
        await UpAsync(b, a);
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var listening = b.System.ActorOf(Props.Create(() => new Hears(heard)));
        var mediator = DistributedPubSub.Get(b.System).Mediator;
        await mediator.Ask<SubscribeAck>(new Subscribe("topic", listening), TlsNode.Guard);
        var (regionA, regionB) = (await ShardsAsync(a), await ShardsAsync(b));

        // Entities of both nodes answer: of 20 shards some lie on each.
        var homes = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 40; i++)
            homes.Add(await (i % 2 == 0 ? regionA : regionB).Ask<string>($"{i % 20}", TlsNode.Guard));
        homes.Count.ShouldBe(2);

        // The topic has reached the other node when a publication does; each gossip tells the mediator anew.
        while (!heard.Task.IsCompleted)
        {
            DistributedPubSub.Get(a.System).Mediator.Tell(new Publish("topic", "news"));
            await Task.WhenAny(heard.Task, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
        }

        (await heard.Task).ShouldBe("news");
        a.Log.All.Concat(b.Log.All).ShouldAllBe(l => l.Id != 1430 && l.Id != 1431);

        static Task<IActorRef> ShardsAsync(TlsNode node) => ClusterSharding.Get(node.System).StartAsync(
            "echo", _ => Props.Create(() => new Answers()), ClusterShardingSettings.Create(node.System).WithStateStoreMode(StateStoreMode.DData),
            HashCodeMessageExtractor.Create(20, m => (string)m, m => m));
    }

    private static void WholeNode(AkkaConfigurationBuilder builder) => builder
        .WithClustering(new ClusterOptions { Roles = ["rooms"] })
        .WithDistributedPubSub("rooms")
        .AddHocon(
            Akka.Configuration.ConfigurationFactory.ParseString("""
                akka.cluster {
                  downing-provider-class = ""
                  gossip-interval = 50ms
                  leader-actions-interval = 50ms
                  periodic-tasks-initial-delay = 10ms
                  pub-sub.gossip-interval = 50ms
                  run-coordinated-shutdown-when-down = off
                  sharding.retry-interval = 100ms
                  sharding.distributed-data.durable.keys = []
                  sharding.distributed-data.majority-min-cap = 1
                }
                """)
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(Akka.DistributedData.DistributedData.DefaultConfig()),
            HoconAddMode.Prepend);

    private static async Task UpAsync(TlsNode node, TlsNode first)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cluster = Akka.Cluster.Cluster.Get(node.System);
        cluster.RegisterOnMemberUp(() => up.TrySetResult());
        cluster.Join(first.Address);
        await up.Task.WaitAsync(TlsNode.Guard, TimeProvider.System);
    }

    private static bool Takes(Akka.Serialization.Serialization serialization, int id, string manifest)
    {
        try
        {
            serialization.Deserialize([], id, manifest);
            return true;
        }
        catch (Exception e) when (e is SerializationException or ArgumentException or NullReferenceException)
        {
            return false;
        }
    }

    private sealed class Answers : UntypedActor
    {
        private readonly string _home = Context.System.GetHashCode().ToString(System.Globalization.CultureInfo.InvariantCulture);

        protected override void OnReceive(object message) => Sender.Tell(_home);
    }

    private sealed class Hears(TaskCompletionSource<string> heard) : UntypedActor
    {
        protected override void OnReceive(object message) => heard.TrySetResult((string)message);
    }

    private sealed record Raw(string Type, byte[] Bytes);

    /// <summary>Says that it is Newtonsoft's.</summary>
    private sealed class RawSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public override int Identifier => 1;

        public override byte[] ToBinary(object obj) => ((Raw)obj).Bytes;

        public override object FromBinary(byte[] bytes, string manifest) => throw new NotSupportedException();

        public override string Manifest(object o) => ((Raw)o).Type;
    }

    private sealed class Bait
    {
        private static int _made;

        public Bait() => Interlocked.Increment(ref _made);

        public static int Made => Volatile.Read(ref _made);

        public sealed record Plain(string Text);
    }
}
