using System.Globalization;
using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.RoomActors.Rooms;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>A name is its user's while the user is in the room, and for some minutes after its line broke.</summary>
public sealed class NameTests
{
    private static readonly Position Earlier = new("log-00000001", 0);
    private readonly RoomWorld _world = new();

    [Fact]
    public void After_a_broken_line_a_name_is_held_for_its_user_who_is_not_shown_meanwhile()
    {
        var one = _world.Gateway("gw1").Connect(Make.Member("u1", "ann"));
        var two = _world.Gateway("gw2").Connect();
        one.Leave(Make.Member("u1", "ann"), mayReturn: true);
        _world.Run();
        two.Single<PresenceChanged>().ShouldSatisfyAllConditions(p => p.Left.ShouldBe(["ann"]), p => p.Count.ShouldBe(0));

        Refusal(two, Make.Member("u2", "ann")).ShouldSatisfyAllConditions(
            e => e.Code.ShouldBe(ErrorCode.NameTaken), e => e.IsTemporary.ShouldBeFalse(), e => e.Message.ShouldContain("180 s"));
        Refusal(two, Make.Member("u2", "Ann")).Code.ShouldBe(ErrorCode.NameTaken);
        two.Clear().List("", 10);
        _world.Run();
        two.Single<MemberPage>().Names.ShouldBeEmpty();

        // Wherever the user comes back.
        two.Clear().Enter(Make.Member("u1", "ann"));
        _world.Run();
        two.Single<EventPage>().Members.ShouldBe(["ann"]);
        Refusal(one, Make.Member("u2", "ann")).Message.ShouldContain("is in the room");
        _world.Meters.Value("clusterchat_names_held").ShouldBe(0);
    }

    [Fact]
    public void Who_comes_back_to_a_name_that_another_has_meanwhile_is_to_try_again()
    {
        var gateway = _world.Gateway().Connect(Make.Member("u1", "ann"));
        Refusal(gateway, Make.Member("u2", "ann"), Earlier).ShouldSatisfyAllConditions(e => e.IsTemporary.ShouldBeTrue(), e => e.RetryMs.ShouldBe(5000));
        gateway.Leave(Make.Member("u1", "ann"), mayReturn: true);
        _world.RunFor(_world.Options.NameHeldFor - TimeSpan.FromSeconds(2));
        Refusal(gateway, Make.Member("u2", "ann"), Earlier).ShouldSatisfyAllConditions(
            e => e.Code.ShouldBe(ErrorCode.NameTaken), e => e.IsTemporary.ShouldBeTrue(), e => e.RetryMs.ShouldBe(2000));
    }

    [Fact]
    public void Who_takes_its_leave_gives_the_name_up_at_once()
    {
        var gateway = _world.Gateway().Connect(Make.Member("u1", "ann"));
        gateway.Leave(Make.Member("u1", "ann"));
        ShouldEnter(gateway, Make.Member("u2", "ann"));
    }

    [Fact]
    public void When_its_time_is_over_a_name_is_anybodys()
    {
        var gateway = _world.Gateway().Connect(Make.Member("u1", "ann"));
        gateway.Leave(Make.Member("u1", "ann"), mayReturn: true);
        _world.Run();
        _world.Meters.Value("clusterchat_names_held").ShouldBe(1);
        _world.RunFor(_world.Options.NameHeldFor);
        ShouldEnter(gateway, Make.Member("u2", "ann"));
    }

    [Fact]
    public void A_user_who_is_still_there_by_another_gateway_has_its_name_by_that()
    {
        var one = _world.Gateway("gw1").Connect(Make.Member("u1", "ann"));
        var two = _world.Gateway("gw2").Connect(Make.Member("u1", "ann"));
        one.Leave(Make.Member("u1", "ann"), mayReturn: true);
        two.Leave(Make.Member("u1", "ann"));
        ShouldEnter(two, Make.Member("u2", "ann"));
    }

    [Theory]
    [InlineData("killed")]
    [InlineData("unsubscribed")]
    [InlineData("says so no longer")]
    public void Names_of_a_gateway_that_is_gone_are_held_but_not_of_those_who_cannot_come_back(string how)
    {
        var two = _world.Gateway("gw2").Connect();
        var one = _world.Gateway("gw1").Connect(Make.Member("u1", "ann"), new Member("u2", "bob", Fleeting: true));
        switch (how)
        {
            case "killed":
                _world.Node.RemoveGateway("gw1");
                break;
            case "unsubscribed":
                one.Unsubscribe();
                break;
            default:
                one.Connect();
                break;
        }

        Refusal(two, Make.Member("u3", "ann"));
        ShouldEnter(two, Make.Member("u3", "bob"));
        ShouldEnter(two, Make.Member("u1", "ann"));
    }

    [Fact]
    public void A_gateway_that_opens_its_stream_anew_with_the_same_members_leaves_nothing_held()
    {
        var gateway = _world.Gateway().Connect(Make.Member("ann"), new Member("u2", "bob", Fleeting: true));
        gateway.Connect(Make.Member("ann"), Make.Member("u2", "bob"));
        gateway.Unsubscribe();
        _world.Run();
        _world.Meters.Value("clusterchat_names_held").ShouldBe(2);
        gateway.Connect(Make.Member("ann"), Make.Member("u2", "bob"));
        _world.Meters.Value("clusterchat_names_held").ShouldBe(0);
    }

    [Fact]
    public void Nobody_writes_as_a_visitor_under_a_name_that_is_held_but_its_user()
    {
        var gateway = _world.Gateway().Connect(Make.Member("ann", "ann"), Make.Member("u2", "bob"));
        gateway.Leave(Make.Member("ann", "ann"), mayReturn: true);
        gateway.Leave(Make.Member("u2", "bob"), mayReturn: true);
        gateway.Write("m1", author: "ann", visitor: true);
        gateway.Write("m2", author: "bob", visitor: true);
        _world.Run();
        gateway.Answers.Select(a => a.Error?.Code).ShouldBe([ErrorCode.NameTaken, null], ignoreOrder: true);
    }

    [Fact]
    public void The_earlier_user_has_the_name_where_another_was_brought_in_under_it()
    {
        var one = _world.Gateway("gw1").Connect(Make.Member("u1", "ann"));
        one.Leave(Make.Member("u1", "ann"), mayReturn: true);
        _world.Run();

        // As after two owners at once: a gateway says that it has let somebody in.
        var two = _world.Gateway("gw2").Connect(Make.Member("u2", "ann"));
        ShouldEnter(one, Make.Member("u1", "ann"));
        Refusal(two, Make.Member("u2", "ann"));
        ShouldEnter(one, Make.Member("u1", "ann"));
    }

    [Fact]
    public void Names_are_held_while_the_room_rests()
    {
        var gateway = _world.Gateway().Connect(Make.Member("u1", "ann"));
        gateway.Leave(Make.Member("u1", "ann"), mayReturn: true);
        gateway.Unsubscribe();
        _world.RunFor(_world.Options.IdleAfter);
        _world.Node.Count.ShouldBe(0);
        Refusal(gateway.Connect(), Make.Member("u2", "ann"));
        ShouldEnter(gateway, Make.Member("u1", "ann"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Names_are_held_where_the_room_moves_to_for_what_is_left_of_their_time(bool isEmpty)
    {
        _world.Options.EmptyIdleAfter = _world.Options.IdleAfter;
        var (old, next) = (new Owner(_world, 1, "old"), new Owner(_world, 2, "new"));
        old.Keepers.Others.Add(next.Node);
        var gateway = new TestGateway(_world, old, "gw", Make.Room).Connect(Make.Member("u1", "ann"));
        gateway.Leave(Make.Member("u1", "ann"), mayReturn: true);
        if (isEmpty)
            gateway.Unsubscribe();
        _world.RunFor(TimeSpan.FromSeconds(20));
        old.MoveAway();
        _world.Run();
        old.Keepers.State.Held.ShouldBe([new HeldName("u1", "ann", 160_000)]);

        var there = new TestGateway(_world, next, "gw", Make.Room);
        there.Connect();
        Refusal(there, Make.Member("u2", "ann"));
        ShouldEnter(there, Make.Member("u1", "ann"));
    }

    [Fact]
    public void A_room_that_moves_on_before_it_was_opened_hands_on_what_was_held()
    {
        var (old, next) = (new Owner(_world, 1, "old"), new Owner(_world, 2, "new"));
        old.Keepers.Others.Add(next.Node);
        var gateway = new TestGateway(_world, old, "gw", Make.Room).Connect(Make.Member("u1", "ann"));
        gateway.Leave(Make.Member("u1", "ann"), mayReturn: true);
        _world.Run();
        old.MoveAway();
        _world.Run();
        _world.Gate.Stop(TestKit.JournalOperation.Open, TestKit.JournalStage.Request);
        new TestGateway(_world, next, "gw", Make.Room).Subscribe();
        _world.RunFor(TimeSpan.FromSeconds(5));
        next.MoveAway();
        _world.Run();
        next.Keepers.State.Held.ShouldBe([new HeldName("u1", "ann", 175_000)]);
    }

    [Fact]
    public void A_crowd_of_held_names_takes_no_more_of_a_hand_over_than_its_share()
    {
        var old = new Owner(_world, 1, "old");
        var members = Enumerable.Range(0, 900).Select(i => Make.Member("u" + i.ToString(CultureInfo.InvariantCulture))).ToArray();
        var gateway = new TestGateway(_world, old, "gw", Make.Room).Connect(members).Fill(3);
        foreach (var member in members)
            gateway.Leave(member, mayReturn: true);
        _world.Run();
        old.MoveAway();
        _world.Run();
        old.Keepers.State.ShouldSatisfyAllConditions(
            s => s.Held.Count.ShouldBe(_world.Options.HandoverBytes / 4 / 64),
            s => s.Held[^1].Name.ShouldBe("u899"),
            s => s.Events.Count.ShouldBe(3));
    }

    private ProtocolError Refusal(TestGateway gateway, Member member, Position? since = null)
    {
        gateway.Clear().Enter(member, since);
        _world.Run();
        return gateway.Single<Refused>().Error;
    }

    private void ShouldEnter(TestGateway gateway, Member member)
    {
        gateway.Clear().Enter(member);
        _world.Run();
        gateway.All<Refused>().ShouldBeEmpty();
        gateway.Single<EventPage>();
    }
}
