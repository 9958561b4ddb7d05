using System.Globalization;
using Akka.Actor;
using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.RoomActors.Tests;

/// <summary>A gateway's side of one room, played by the test.</summary>
internal sealed class TestGateway(RoomWorld world, Owner owner, string name, string room)
{
    private long _request;
    private long _number;

    public long Stream { get; private set; }

    /// <summary>All that the room said, in order.</summary>
    public List<FromRoom> Told => world.Links.For(name);

    public IEnumerable<WriteDone> Answers => All<WritesDone>().SelectMany(d => d.Writes);

    /// <summary>The numbers of the events that came, in order.</summary>
    public IEnumerable<long> Events
        => All<EventsCommitted>().SelectMany(e => Enumerable.Range(0, e.Lines.Count).Select(i => e.FirstSeq + i));

    public IEnumerable<T> All<T>() where T : FromRoom => Told.OfType<T>();

    public T Single<T>() where T : FromRoom => All<T>().ShouldHaveSingleItem();

    public TestGateway Clear()
    {
        Told.Clear();
        return this;
    }

    /// <summary>Opens the next stream, without waiting for anything.</summary>
    public TestGateway Subscribe(params Member[] members)
    {
        Tell(new Subscribe(room, name, ++Stream, members));
        return this;
    }

    /// <summary>Opens the next stream and waits until it is open.</summary>
    public TestGateway Connect(params Member[] members)
    {
        Subscribe(members);
        world.Run();
        All<Subscribed>().Last().Stream.ShouldBe(Stream);
        return Clear();
    }

    public void Unsubscribe() => Tell(new Unsubscribe(room, name, Stream));

    public long Enter(Member? member, Position? since = null, int limit = 50)
    {
        Tell(new Enter(room, name, Stream, ++_request, member, since, limit));
        return _request;
    }

    public long Read(long after, int limit, long before = long.MaxValue, bool newest = false)
    {
        Tell(new ReadEvents(room, name, Stream, ++_request, after, before, limit, newest));
        return _request;
    }

    public void List(string after, int limit) => Tell(new ListMembers(room, name, Stream, ++_request, after, limit));

    public void Leave(Member member, bool mayReturn = false) => Tell(new Leave(room, name, Stream, member, mayReturn));

    public void Type(string who) => Tell(new Typing(room, name, Stream, who, "g:" + who));

    /// <summary>Writes under the next number; nothing before it counts as unanswered, unless the oldest that does is given.</summary>
    public long Write(string mid, string text = "hi", string author = "ann", long? oldest = null, long? reply = null, bool visitor = false)
    {
        _number++;
        Resend(_number, mid, text, author, oldest, reply, visitor);
        return _number;
    }

    public void Resend(
        long number, string mid, string text = "hi", string author = "ann", long? oldest = null, long? reply = null, bool visitor = false)
        => Tell(new Write(
            room, name, Stream, number, oldest < number ? number - 1 : 0, Make.Member(author), visitor, mid, new MessageContent(text, reply, default)));

    /// <summary>Writes that come together, each behind the one before it.</summary>
    public void WriteTogether(params string[] mids)
    {
        var first = _number + 1;
        Tell(new Writes(room, name, Stream, [.. mids.Select(mid => Make.Write(
            "ann", mid, number: ++_number, previous: _number > first ? _number - 1 : 0, gateway: name, stream: Stream) with { Room = room })]));
    }

    /// <summary>Writes so many messages, and waits for all of their acks.</summary>
    public TestGateway Fill(int count, int bytes = 1)
    {
        for (var i = 0; i < count; i++)
            Write("fill" + i.ToString(CultureInfo.InvariantCulture), new string('x', bytes));
        world.Run();
        Answers.Count(a => a.Error is null).ShouldBe(count);
        return Clear();
    }

    public void Tell(ToRoom message) => owner.Region.Tell(message, ActorRefs.NoSender);
}
