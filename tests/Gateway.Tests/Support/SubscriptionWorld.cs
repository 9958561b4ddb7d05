using System.Globalization;
using System.Text;
using ClusterChat.Cluster;
using ClusterChat.Gateway.Connections;
using ClusterChat.Gateway.Fanout;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.Gateway.Tests;

/// <summary>A gateway's subscriptions in virtual time. The test plays one room and its clients.</summary>
internal sealed class SubscriptionWorld
{
    public const string Room = "lobby";
    private int _seen;
    private int _leaves;
    private long _calls;

    public SubscriptionWorld(Action<GatewayOptions>? options = null, int seed = 1)
    {
        options?.Invoke(Options);
        Simulation = new Simulation(seed);
        Subscriptions = new Subscriptions(Simulation.CreateActorSystem(), Simulation.Clock, Cluster, Options);
    }

    public GatewayOptions Options { get; } = new();

    public Simulation Simulation { get; }

    public FakeCluster Cluster { get; } = new();

    public Subscriptions Subscriptions { get; }

    /// <summary>The room does not say that it knows who has left.</summary>
    public bool LosesLeaves { get; set; }

    /// <summary>The newest stream that was opened.</summary>
    public long Stream => Cluster.Sent.OfType<Subscribe>().Last().Stream;

    /// <summary>What was sent to the room since the last call.</summary>
    public List<ToRoom> Sent()
    {
        Simulation.RunUntilIdle();
        var sent = Cluster.Sent.Skip(_seen).ToList();
        _seen = Cluster.Sent.Count;
        return sent;
    }

    /// <summary>The one message of a kind that was sent since the last call.</summary>
    public T SentOne<T>() where T : ToRoom => Sent().OfType<T>().ShouldHaveSingleItem();

    public void Say(FromRoom message)
    {
        Cluster.Sink.Deliver(message);
        Run();
    }

    public void Open(long head, string log = "L", long epoch = 1) => Say(new Subscribed(Room, Stream, log, epoch, head));

    public void Events(long first, int count = 1, long? stream = null)
        => Say(new EventsCommitted(Room, stream ?? Stream, first, Lines(first, count)));

    public void Head(long head, string log = "L", long epoch = 1)
    {
        Cluster.Sink.DeliverHeads([new RoomHead(Room, log, epoch, head)]);
        Simulation.RunUntilIdle();
    }

    public void Page(long request, long first, int count, bool more = false, bool recovered = true, long? end = null, string log = "L")
        => Say(new EventPage(Room, Stream, request, log, first, Lines(first, count), end ?? first + count - 1, more, recovered, 1, ["ann"]));

    public void Done(params WriteDone[] writes) => Say(new WritesDone(Room, Stream, writes));

    public JoinRoom Join(FakeClient client, string? user = "ann", Position? since = null, int limit = 50)
    {
        var join = new JoinRoom(client, ++_calls, Room, user is null ? null : new Member(user, user), since, limit);
        Tell(join);
        return join;
    }

    /// <summary>A client that is live from a head on.</summary>
    public FakeClient Joined(string? user = "ann", long head = 0)
    {
        var client = new FakeClient();
        var first = !Cluster.Sent.OfType<Subscribe>().Any();
        Join(client, user);
        if (first)
            Open(head);
        Page(SentOne<Enter>().Request, 0, 0, end: head);
        client.Heard.ShouldHaveSingleItem().ShouldStartWith("entered");
        client.Heard.Clear();
        return client;
    }

    public void Write(FakeClient client, string mid, bool visitor = false, string author = "ann")
    {
        Begin(client, mid, visitor, author);
        Simulation.RunUntilIdle();
    }

    /// <summary>A write that comes together with what is told before the next run.</summary>
    public void Begin(FakeClient client, string mid, bool visitor = false, string author = "ann", string text = "hi")
        => Subscriptions.Tell(new WriteRoom(client, ++_calls, Room, new Member(author, author), visitor, mid, new MessageContent(text, null, default)));

    public void Leave(FakeClient client, bool silent = false, bool mayReturn = false)
        => Tell(new LeaveRoom(client, ++_calls, Room, silent) { MayReturn = mayReturn });

    public void Tell(RoomCall call)
    {
        Subscriptions.Tell(call);
        Run();
    }

    public void RunForMs(int milliseconds) => Simulation.RunFor(TimeSpan.FromMilliseconds(milliseconds));

    private void Run()
    {
        Simulation.RunUntilIdle();
        foreach (var leave in Cluster.Sent.OfType<Leave>().Skip(_leaves).ToList())
        {
            _leaves++;
            if (!LosesLeaves)
                Say(new Left(Room, leave.Stream, leave.Request));
        }
    }

    public static WriteDone Ok(long number, long seq, bool dup = false) => new(number, seq, 1000 + seq, dup, null);

    public static WriteDone Bad(long number, ErrorCode code) => new(number, 0, 0, false, new ProtocolError(code, "no"));

    private static ReadOnlyMemory<byte>[] Lines(long first, int count)
        => [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes((first + i).ToString(CultureInfo.InvariantCulture)))];
}
