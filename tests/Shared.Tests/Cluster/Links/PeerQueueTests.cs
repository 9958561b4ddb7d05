using ClusterChat.Cluster;
using ClusterChat.Cluster.Links;
using ClusterChat.Cluster.Links.Tcp;

namespace ClusterChat.Shared.Tests.Cluster.Links;

public sealed class PeerQueueTests
{
    private static readonly LinkOptions Small = new() { RequestBytes = 10_000, BroadcastBytes = 20_000, AnswerBytes = 40_000 };
    private readonly PeerQueue _queue = new(Small, new LinkMetrics(null, () => 0), TimeProvider.System);

    [Fact]
    public void Order_is_kept()
    {
        LinkMessage[] messages = [Typing(1), Event("a", 1, 1), Typing(2), new NotOwnerLink("b", 1, 1), Event("a", 1, 2)];
        foreach (var message in messages)
        {
            _queue.Offer(message).ShouldBeTrue();
        }

        TakeAll().ShouldBe(messages);
    }

    [Fact]
    public void Requests_over_their_limit_are_pushed_back_and_those_before_are_kept()
    {
        var taken = 0;
        while (_queue.Offer(Typing(taken)))
        {
            taken++;
        }

        taken.ShouldBeGreaterThan(10);
        _queue.Bytes.ShouldBeLessThanOrEqualTo(Small.RequestBytes);
        _queue.Offer(Event("a", 1, 1)).ShouldBeTrue();
        TakeAll().Count.ShouldBe(taken + 1);
        _queue.Bytes.ShouldBe(0);
        _queue.Offer(Typing(0)).ShouldBeTrue();
    }

    [Fact]
    public void Each_stream_that_lost_an_event_gets_one_end_when_there_is_room_again()
    {
        for (var seq = 1; seq <= 200; seq++)
        {
            _queue.Offer(Event("a", 1, seq)).ShouldBeTrue();
            _queue.Offer(Event("b", 5, seq)).ShouldBeTrue();
        }

        _queue.Bytes.ShouldBeLessThanOrEqualTo(Small.BroadcastBytes);
        _queue.Dropped.ShouldBeGreaterThan(0);
        var taken = TakeAll();
        Ends(taken).ShouldBe([("a", 1), ("b", 5)], ignoreOrder: true);
        var seqs = taken.OfType<FromRoomLink>().Select(m => m.Message).OfType<EventsCommitted>().Where(e => e.Room == "a").Select(e => e.FirstSeq).ToList();
        seqs.ShouldBe(Enumerable.Range(1, seqs.Count).Select(i => (long)i));
        _queue.Offer(Event("a", 2, 1)).ShouldBeTrue();
        TakeAll().ShouldHaveSingleItem();
    }

    [Fact]
    public void Events_of_a_stream_that_is_behind_are_dropped_even_where_they_would_fit()
    {
        Overflow("a", 1);
        List<LinkMessage> some = [];
        _queue.Take(some, 3000, out _);
        _queue.Offer(Event("a", 1, 9999));
        TakeAll().OfType<FromRoomLink>().Select(m => m.Message).OfType<EventsCommitted>().ShouldNotContain(e => e.FirstSeq == 9999);
    }

    [Fact]
    public void Answers_still_go_where_broadcasts_do_not_and_end_their_stream_beyond_the_higher_limit()
    {
        Overflow("a", 1);
        var answers = 0;
        while (_queue.Bytes < Small.AnswerBytes - 1000)
        {
            _queue.Offer(new FromRoomLink(new Subscribed($"r{answers++}", 1, "log", 1, 1))).ShouldBeTrue();
        }

        for (var i = 0; i < 10; i++)
        {
            _queue.Offer(new FromRoomLink(new WritesDone("late", 3, new WriteDone[20]))).ShouldBeTrue();
        }

        _queue.Bytes.ShouldBeLessThanOrEqualTo(Small.AnswerBytes);
        var taken = TakeAll();
        taken.OfType<FromRoomLink>().Count(m => m.Message is Subscribed).ShouldBe(answers);
        Ends(taken).ShouldBe([("a", 1), ("late", 3)], ignoreOrder: true);
    }

    [Fact]
    public void A_newer_stream_makes_the_end_of_the_older_one_needless()
    {
        Overflow("a", 1);
        _queue.Offer(new FromRoomLink(new Subscribed("a", 2, "log", 1, 1)));
        var taken = TakeAll();
        Ends(taken).ShouldBeEmpty();
        taken.ShouldContain(m => m is FromRoomLink && ((FromRoomLink)m).Message is Subscribed);
    }

    [Fact]
    public void Typing_notices_and_heads_are_dropped_without_a_mark()
    {
        Overflow("a", 1);
        _queue.Offer(new FromRoomLink(new TypingNoticed("b", 1, new string('x', 50)))).ShouldBeTrue();
        _queue.Offer(new HeadsLink(new RoomHead[100])).ShouldBeTrue();
        var taken = TakeAll();
        Ends(taken).ShouldBe([("a", 1)]);
        taken.ShouldNotContain(m => m is HeadsLink);
    }

    [Fact]
    public void Only_the_newest_sign_of_life_waits_and_it_goes_first()
    {
        _queue.Offer(Typing(1));
        _queue.Offer(new AliveLink(1, 0));
        _queue.Offer(new AliveLink(2, 0));
        TakeAll().ShouldBe([new AliveLink(2, 0), Typing(1)]);
    }

    [Fact]
    public void Rooms_states_have_a_limit_of_their_own_and_wait_their_turn()
    {
        var queue = new PeerQueue(new LinkOptions { HandoverBytes = 3000 }, new LinkMetrics(null, () => 0), TimeProvider.System);
        queue.Offer(State()).ShouldBeTrue();
        queue.Offer(State()).ShouldBeTrue();
        queue.Offer(State()).ShouldBeFalse();
        queue.Offer(new HandoverLink(1, "room", null)).ShouldBeTrue();
        queue.Offer(Typing(1)).ShouldBeTrue();
        queue.Take([], int.MaxValue, out _);
        queue.Bytes.ShouldBe(0);
        queue.Offer(State()).ShouldBeTrue();

        static HandoverLink State() => new(1, "room", new RoomHandover("log", 1, 1, [new HandedEvent(1, "a", "m", 0, 0, new byte[1000])], [], null));
    }

    [Fact]
    public void A_message_larger_than_the_limit_goes_alone()
    {
        _queue.Offer(new FromRoomLink(new EventsCommitted("a", 1, 1, [new byte[100_000]]))).ShouldBeTrue();
        TakeAll().ShouldHaveSingleItem();
        _queue.Dropped.ShouldBe(0);
    }

    [Fact]
    public async Task A_completed_queue_is_emptied_before_it_ends()
    {
        var waiting = _queue.WaitAsync(CancellationToken.None).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        _queue.Offer(Typing(1));
        (await waiting.WaitAsync(LinkNode.Guard, TimeProvider.System)).ShouldBeTrue();
        _queue.Complete();
        (await _queue.WaitAsync(CancellationToken.None)).ShouldBeTrue();
        TakeAll().ShouldHaveSingleItem();
        (await _queue.WaitAsync(CancellationToken.None)).ShouldBeFalse();
    }

    private static ToRoomLink Typing(int n) => new(n, new Typing("room", "g/1", 1, "ann"));

    private static FromRoomLink Event(string room, long stream, long seq) =>
        new(new EventsCommitted(room, stream, seq, [new byte[100]]));

    private static List<(string Room, long Stream)> Ends(IEnumerable<LinkMessage> messages) =>
        [.. messages.OfType<FromRoomLink>().Where(m => m.Message is StreamEnded).Select(m => (m.Message.Room, m.Message.Stream))];

    private void Overflow(string room, long stream)
    {
        for (var seq = 1; _queue.Dropped == 0; seq++)
        {
            _queue.Offer(Event(room, stream, seq)).ShouldBeTrue();
        }
    }

    private List<LinkMessage> TakeAll()
    {
        List<LinkMessage> all = [];
        int before;
        do
        {
            before = all.Count;
            _queue.Take(all, 3000, out _);
        }
        while (all.Count > before);
        return all;
    }
}
