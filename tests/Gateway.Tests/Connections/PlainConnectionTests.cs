using ClusterChat.Cluster;
using ClusterChat.Protocol;

namespace ClusterChat.Gateway.Tests.Connections;

/// <summary>A bare WebSocket client. The test plays its room by hand.</summary>
public sealed class PlainConnectionTests : IDisposable
{
    private readonly ConnectionWorld _world = new() { RoomsAnswer = false };
    private int _seen;

    public void Dispose() => _world.Dispose();

    [Fact]
    public void It_is_joined_at_once_and_gets_the_newest_ten_messages()
    {
        var client = _world.OpenPlain("lobby", "ann");
        Entering().ShouldSatisfyAllConditions(e => e.Member!.Name.ShouldBe("ann"), e => e.Limit.ShouldBe(10), e => e.Since.ShouldBeNull());
        Open(2);
        Page(1, 2);
        Say(3);
        client.Transport.Lines.ShouldBe(["bob: text 1", "bob: text 2", "bob: text 3"]);
    }

    [Fact]
    public void A_taken_name_gets_a_number_and_stays_within_its_length()
    {
        var name = string.Concat(Enumerable.Repeat("😀", 32));
        var client = _world.OpenPlain("lobby", name);
        Open(0);
        Refuse(ErrorCode.NameTaken);
        Entering().Member!.Name.ShouldBe(string.Concat(Enumerable.Repeat("😀", 30)) + "-2");
        Refuse(ErrorCode.NameTaken);
        Entering().Member!.Name.ShouldEndWith("😀-3");
        Page(1, 0);
        client.Transport.Wire.ShouldBeEmpty();
    }

    [Fact]
    public void A_name_that_is_held_for_another_gets_a_number_too_and_its_own_is_held_for_nobody()
    {
        _world.OpenPlain("lobby", "ann");
        Open(0);
        Entering().Member!.Fleeting.ShouldBeTrue();
        Refuse(ErrorCode.NameTaken, retryMs: 5000);
        Entering().Member!.ShouldSatisfyAllConditions(m => m.Name.ShouldBe("ann-2"), m => m.Fleeting.ShouldBeTrue());
    }

    [Fact]
    public void Each_frame_is_a_message_and_refusals_are_lines_with_a_star()
    {
        var client = _world.OpenPlain("lobby", "ann");
        Open(0);
        Page(1, 0);
        client.Send("hello\nworld").Send("hello\nworld");
        var writes = _world.Cluster.Sent.OfType<Write>().ToList();
        writes.Select(w => ((MessageContent)w.Content).Text).ShouldBe(["hello\nworld", "hello\nworld"]);
        writes[0].Mid.ShouldNotBe(writes[1].Mid);
        _world.Say(new WritesDone("lobby", Stream, [SubscriptionWorld.Ok(1, 1), SubscriptionWorld.Bad(2, ErrorCode.Forbidden)]));
        client.Send(new string('x', 20_000)).Send("a\0b");
        client.Transport.Lines.Count().ShouldBe(3);
        client.Transport.Lines.ShouldAllBe(l => l.StartsWith("* "));
        client.Transport.Lines.First().ShouldBe("* no");
    }

    [Fact]
    public void Empty_frames_are_no_messages_and_count_like_requests()
    {
        using var world = new ConnectionWorld(o => (o.RequestsPerSecond, o.RequestBurst, o.RefusalBurst) = (10, 3, 5));
        var client = world.OpenPlain("lobby", "ann");
        for (var i = 0; i < 20; i++)
            client.Send("");
        client.Transport.Lines.ShouldBe(Enumerable.Repeat("* You ask too much.", 5));
        client.Closed.ShouldBe("3013");
        world.Cluster.Sent.OfType<Write>().ShouldBeEmpty();
    }

    [Fact]
    public void After_a_reset_it_joins_again_where_it_was_without_repeats()
    {
        var client = _world.OpenPlain("lobby", "ann");
        Open(2);
        Page(1, 2);
        Say(3);

        // A hole whose events are gone: the subscription lets everybody go.
        Say(9);
        var fetch = _world.Cluster.Sent.OfType<ReadEvents>().Last();
        _world.Say(new EventPage("lobby", Stream, fetch.Request, "L", 0, [], 3, true, false, 1, null));
        Open(9);
        _world.RunFor(TimeSpan.FromSeconds(1));
        Entering().Since.ShouldBe(new Position("L", 3));
        Page(8, 2, recovered: false);
        Say(10);
        client.Transport.Lines.ShouldBe(["bob: text 1", "bob: text 2", "bob: text 3", "bob: text 8", "bob: text 9", "bob: text 10"]);
    }

    [Fact]
    public void A_room_that_cannot_be_reached_is_tried_again_without_a_word()
    {
        var client = _world.OpenPlain("lobby", "ann");
        Open(0);
        Refuse(ErrorCode.Unavailable);
        client.Transport.Wire.ShouldBeEmpty();
        _world.RunFor(TimeSpan.FromSeconds(1));
        Page(1, 0);
        Say(1);
        client.Transport.Lines.ShouldBe(["bob: text 1"]);
    }

    [Fact]
    public void A_room_that_does_not_let_it_in_closes_the_connection_with_the_reason()
    {
        var client = _world.OpenPlain("lobby", "ann");
        Open(0);
        Refuse(ErrorCode.Banned);
        client.Transport.Lines.ShouldBe(["* refused"]);
        client.Closed.ShouldBe("3500");
    }

    private long Stream => _world.Cluster.Sent.OfType<Subscribe>().Last().Stream;

    private Enter Entering() => _world.Cluster.Sent.OfType<Enter>().Skip(_seen).ShouldHaveSingleItem();

    private void Open(long head) => _world.Say(new Subscribed("lobby", Stream, "L", 1, head));

    private void Page(long first, int count, bool recovered = true)
    {
        var request = Entering().Request;
        _seen = _world.Cluster.Sent.OfType<Enter>().Count();
        _world.Say(new EventPage("lobby", Stream, request, "L", first, [.. Enumerable.Range(0, count).Select(i => Line(first + i))], first + count - 1, false, recovered, 1, null));
    }

    private void Refuse(ErrorCode code, int retryMs = 0)
    {
        var request = Entering().Request;
        _seen = _world.Cluster.Sent.OfType<Enter>().Count();
        _world.Say(new Refused("lobby", Stream, request, new ProtocolError(code, "refused", retryMs)));
    }

    private void Say(long seq) => _world.Say(new EventsCommitted("lobby", Stream, seq, [Line(seq)]));

    private static ReadOnlyMemory<byte> Line(long seq)
        => ServerMessages.MessageEvent("lobby", seq, "m" + seq, "bob", "g:bob", seq, "text " + seq, null, default);
}
