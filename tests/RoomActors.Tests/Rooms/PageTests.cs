using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.RoomActors.Rooms;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>Pages: entering, resuming, history, members.</summary>
public sealed class PageTests
{
    private const string Log = "log-00000001";

    [Fact]
    public void A_fresh_entry_gets_the_newest_events_and_the_members()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect(Make.Member("bob")).Fill(5);
        gateway.Enter(Make.Member("ann"), limit: 2);
        world.Run();
        gateway.Single<EventPage>().ShouldSatisfyAllConditions(
            p => p.FirstSeq.ShouldBe(4),
            p => p.EndSeq.ShouldBe(5),
            p => p.Recovered.ShouldBeTrue(),
            p => p.More.ShouldBeTrue(),
            p => p.Count.ShouldBe(2),
            p => p.Members.ShouldBe(["ann", "bob"]));
    }

    [Fact]
    public void A_fresh_entry_without_events_begins_at_the_head()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect().Fill(5);
        gateway.Enter(null, limit: 0);
        world.Run();
        gateway.Single<EventPage>().ShouldSatisfyAllConditions(
            p => p.Lines.ShouldBeEmpty(), p => p.EndSeq.ShouldBe(5), p => p.Count.ShouldBe(0));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(3)]
    public void Whoever_resumes_gets_every_event_in_pages_from_memory_or_the_journal(int tail)
    {
        var world = new RoomWorld(o => (o.TailEvents, o.MaxPage) = (tail, 4));
        var gateway = world.Gateway().Connect().Fill(12);
        gateway.Enter(Make.Member("ann"), new Position(Log, 2));
        world.Run();
        var pages = new List<EventPage> { gateway.Single<EventPage>() };
        while (pages[^1].More)
        {
            gateway.Clear().Read(pages[^1].EndSeq, 200);
            world.Run();
            pages.Add(gateway.Single<EventPage>());
        }

        pages.ShouldAllBe(p => p.Recovered && p.Lines.Count <= 4);
        pages.SelectMany(p => Enumerable.Range(0, p.Lines.Count).Select(i => p.FirstSeq + i)).ShouldBe(Enumerable.Range(3, 10).Select(n => (long)n));
        pages[^1].EndSeq.ShouldBe(12);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(1)]
    public void A_page_ends_at_its_limit_of_bytes_but_has_an_event(int tail)
    {
        var world = new RoomWorld(o => (o.MaxPageBytes, o.TailEvents) = (500, tail));
        var gateway = world.Gateway().Connect();
        foreach (var bytes in new[] { 100, 100, 2000, 100 })
        {
            gateway.Write($"m{gateway.Told.Count}", new string('x', bytes));
            world.Run();
        }

        gateway.Clear().Read(0, 200);
        world.Run();
        var page = gateway.Single<EventPage>();
        page.Lines.Sum(l => l.Length).ShouldBeLessThanOrEqualTo(500);
        page.More.ShouldBeTrue();

        var seen = new List<long>();
        for (var after = 0L; ; after = seen[^1])
        {
            gateway.Clear().Read(after, 200);
            world.Run();
            page = gateway.Single<EventPage>();
            seen.AddRange(Enumerable.Range(0, page.Lines.Count).Select(i => page.FirstSeq + i));
            if (!page.More)
                break;
        }

        seen.ShouldBe([1, 2, 3, 4]);

        seen.Clear();
        for (var before = 5L; ; before = seen[0])
        {
            gateway.Clear().Read(0, 200, before, newest: true);
            world.Run();
            page = gateway.Single<EventPage>();
            seen.InsertRange(0, Enumerable.Range(0, page.Lines.Count).Select(i => page.FirstSeq + i));
            if (!page.More)
                break;
        }

        seen.ShouldBe([1, 2, 3, 4]);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(2)]
    public void History_goes_back_to_the_first_event(int tail)
    {
        var world = new RoomWorld(o => o.TailEvents = tail);
        var gateway = world.Gateway().Connect().Fill(7);
        var seen = new List<long>();
        var more = true;
        for (var before = 8L; more; before = seen[0])
        {
            gateway.Clear().Read(0, 3, before, newest: true);
            world.Run();
            var page = gateway.Single<EventPage>();
            seen.InsertRange(0, Enumerable.Range(0, page.Lines.Count).Select(i => page.FirstSeq + i));
            more = page.More;
        }

        seen.ShouldBe([1, 2, 3, 4, 5, 6, 7]);
    }

    [Fact]
    public void A_position_before_the_oldest_event_cannot_be_resumed()
    {
        var world = new RoomWorld();
        world.Gateway("other").Connect().Fill(9);
        world.Store.Trim(Make.Room, 6);
        var later = new TestGateway(world, new Owner(world, 0, "later"), "gw", Make.Room).Subscribe();
        later.Enter(Make.Member("ann"), new Position(Log, 3), limit: 2);
        later.Enter(Make.Member("bob"), new Position(Log, 5));
        world.Run();
        later.All<EventPage>().Select(p => (p.Recovered, p.FirstSeq, p.EndSeq)).ShouldBe([(false, 8, 9), (true, 6, 9)]);
    }

    [Theory]
    [InlineData(5, 200)]
    [InlineData(9, 200)]
    [InlineData(5, 2)]
    public void What_was_trimmed_while_the_room_is_active_is_no_silent_hole(int trimmed, int maxPage)
    {
        var world = new RoomWorld(o => (o.TailEvents, o.MaxPage) = (2, maxPage));
        var gateway = world.Gateway().Connect().Fill(9);
        world.Store.Trim(Make.Room, trimmed);
        gateway.Enter(Make.Member("ann"), new Position(Log, 2), limit: 2);
        gateway.Read(2, 100);
        world.Run();
        gateway.All<EventPage>().ShouldAllBe(p => !p.Recovered);
        gateway.All<EventPage>().First().ShouldSatisfyAllConditions(p => p.FirstSeq.ShouldBe(8), p => p.EndSeq.ShouldBe(9));
    }

    [Fact]
    public void A_read_that_fails_is_refused_and_the_next_one_is_not()
    {
        var world = new RoomWorld(o => o.TailEvents = 2);
        var gateway = world.Gateway().Connect().Fill(5);
        world.Gate.Fail(JournalOperation.Read, JournalFault.FailBefore);
        gateway.Read(0, 10);
        world.Run();
        gateway.Single<Refused>().Error.Code.ShouldBe(ErrorCode.Unavailable);
        gateway.Clear().Read(0, 10);
        world.Run();
        gateway.Single<EventPage>().Lines.Count.ShouldBe(5);
    }

    [Fact]
    public void What_waits_for_the_journal_is_not_read_for_a_stream_that_is_over()
    {
        var world = new RoomWorld(o => (o.TailEvents, o.ReadsAtOnce) = (2, 1));
        var gateway = world.Gateway().Connect().Fill(5);
        world.Gate.Stop(JournalOperation.Read, JournalStage.Request);
        for (var i = 0; i < 10; i++)
            gateway.Read(0, 10);
        world.Run();
        gateway.Connect();
        gateway.Read(0, 10);
        world.Gate.Open();
        world.Gate.Release(JournalOperation.Read);
        world.Run();

        world.Gate.Count(JournalOperation.Read).ShouldBe(2, "the one that had begun, and the one on the new stream");
        gateway.Single<EventPage>().Stream.ShouldBe(gateway.Stream);
        gateway.All<Refused>().ShouldBeEmpty();
    }

    [Fact]
    public void Members_come_in_pages()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect([.. "edcba".Select(c => Make.Member(c.ToString()))]);
        gateway.List("", 3);
        gateway.List("c", 3);
        world.Run();
        gateway.All<MemberPage>().Select(p => (string.Concat(p.Names), p.More, p.Count)).ShouldBe([("abc", true, 5), ("de", false, 5)]);
    }

    [Fact]
    public void Who_asks_on_a_stream_that_the_room_does_not_know_is_told_to_open_a_new_one()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway();
        gateway.Read(0, 10);
        world.Run();
        gateway.Told.ShouldHaveSingleItem().ShouldBeOfType<StreamEnded>();
    }
}
