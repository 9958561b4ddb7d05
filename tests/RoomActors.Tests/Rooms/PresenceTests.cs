using System.Globalization;
using ClusterChat.Cluster;
using ClusterChat.Protocol;
using ClusterChat.TestKit;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>Who is in a room, who is typing, and what is told of it.</summary>
public sealed class PresenceTests
{
    [Fact]
    public void Who_comes_and_goes_is_told_by_name_to_every_gateway()
    {
        var world = new RoomWorld();
        var one = world.Gateway("gw1").Connect();
        var two = world.Gateway("gw2").Connect();
        one.Enter(Make.Member("ann"));
        world.Run();
        two.Single<PresenceChanged>().ShouldSatisfyAllConditions(
            p => p.Joined.ShouldBe(["ann"]), p => p.Left.ShouldBe([]), p => p.Count.ShouldBe(1));
        two.Clear();
        one.Leave(Make.Member("ann"));
        world.Run();
        two.Single<PresenceChanged>().ShouldSatisfyAllConditions(
            p => p.Joined.ShouldBe([]), p => p.Left.ShouldBe(["ann"]), p => p.Count.ShouldBe(0));
    }

    [Fact]
    public void A_gateway_hears_that_the_room_knows_who_has_left()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway("gw1").Connect(Make.Member("ann"));
        gateway.Tell(new Leave(Make.Room, "gw1", gateway.Stream, Make.Member("ann"), Request: 7));
        gateway.Tell(new Leave(Make.Room, "gw1", gateway.Stream, Make.Member("nobody"), Request: 8));
        gateway.Tell(new Leave(Make.Room, "gw1", gateway.Stream, Make.Member("ann")));
        world.Run();
        gateway.All<Left>().Select(l => l.Request).ShouldBe([7, 8]);
    }

    [Fact]
    public void A_member_of_two_gateways_is_there_until_both_have_let_it_go()
    {
        var world = new RoomWorld();
        var one = world.Gateway("gw1").Connect(Make.Member("ann"));
        var two = world.Gateway("gw2").Connect(Make.Member("ann"));
        one.Clear().Unsubscribe();
        world.Run();
        two.All<PresenceChanged>().ShouldBeEmpty();
        two.Leave(Make.Member("ann"));
        world.Run();
        two.Single<PresenceChanged>().Count.ShouldBe(0);
    }

    [Fact]
    public void Who_gives_up_while_it_waits_to_be_let_in_is_not_left_behind()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect().Fill(1);
        world.Gate.Stop(JournalOperation.Open, JournalStage.Answer);
        gateway.Enter(Make.Member("ann"), new Position("log-00000001", 9));
        world.Run();

        // The room looks again before it answers, and the gateway does not wait for that.
        gateway.Leave(Make.Member("ann"));
        world.Run();
        world.Gate.Open();
        world.Gate.Release(JournalOperation.Open);
        gateway.Clear().List("", 10);
        world.Run();

        gateway.Single<MemberPage>().Names.ShouldBeEmpty();
    }

    [Fact]
    public void Who_leaves_and_comes_back_while_another_waits_to_be_let_in_is_there()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect(Make.Member("ann")).Fill(1);
        world.Gate.Stop(JournalOperation.Open, JournalStage.Answer);
        gateway.Enter(Make.Member("bob"), new Position("log-00000001", 9));
        world.Run();

        // The room looks again for bob's sake. Ann's coming back must not overtake her leaving.
        gateway.Leave(Make.Member("ann"));
        gateway.Enter(Make.Member("ann"));
        world.Run();
        world.Gate.Open();
        world.Gate.Release(JournalOperation.Open);
        world.Run();
        gateway.Clear().List("", 10);
        world.Run();

        gateway.Single<MemberPage>().Names.ShouldBe(["ann", "bob"]);
    }

    [Fact]
    public void A_name_belongs_to_one_user_and_is_free_again_when_it_left()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect(Make.Member("u1", "ann"));
        gateway.Enter(Make.Member("u2", "ann"));
        gateway.Enter(Make.Member("u1", "ann"));
        world.Run();
        gateway.Single<Refused>().ShouldSatisfyAllConditions(r => r.Request.ShouldBe(1), r => r.Error.Code.ShouldBe(ErrorCode.NameTaken));
        gateway.Single<EventPage>().Request.ShouldBe(2);

        // The gateway says that who was refused is gone; the one who has the name stays.
        gateway.Clear().Leave(Make.Member("u2", "ann"));
        world.Run();
        gateway.Told.ShouldBeEmpty();

        gateway.Leave(Make.Member("u1", "ann"));
        gateway.Enter(Make.Member("u2", "ann"));
        world.Run();
        gateway.Single<EventPage>().Count.ShouldBe(1);
    }

    [Fact]
    public void A_new_stream_replaces_what_its_gateway_said_before()
    {
        var world = new RoomWorld();
        var watcher = world.Gateway("watcher").Connect();
        var gateway = world.Gateway().Connect(Make.Member("ann"), Make.Member("bob"));
        watcher.Clear();
        gateway.Connect(Make.Member("bob"), Make.Member("cy"));
        watcher.Single<PresenceChanged>().ShouldSatisfyAllConditions(
            p => p.Joined.ShouldBe(["cy"]), p => p.Left.ShouldBe(["ann"]), p => p.Count.ShouldBe(2));
    }

    [Fact]
    public void The_members_of_a_gateway_that_is_gone_leave()
    {
        var world = new RoomWorld();
        var watcher = world.Gateway("watcher").Connect();
        world.Gateway().Connect(Make.Member("ann"), Make.Member("bob"));
        watcher.Clear();
        world.Node.RemoveGateway("gw");
        world.Run();
        watcher.Single<PresenceChanged>().Left.ShouldBe(["ann", "bob"]);
    }

    [Fact]
    public void In_a_large_room_the_count_alone_is_told_at_most_once_a_second()
    {
        var world = new RoomWorld(o => o.NamedPresence = 3);
        var gateway = world.Gateway().Connect([.. Enumerable.Range(0, 3).Select(Of)]);
        for (var i = 3; i < 8; i++)
        {
            gateway.Enter(Of(i));
            world.RunForMs(100);
        }

        gateway.Single<PresenceChanged>().ShouldSatisfyAllConditions(
            p => p.Joined.ShouldBeNull(), p => p.Left.ShouldBeNull(), p => p.Count.ShouldBe(4));
        gateway.All<EventPage>().ShouldAllBe(p => p.Members == null);
        world.RunFor(TimeSpan.FromSeconds(0.6));
        gateway.All<PresenceChanged>().Select(p => p.Count).ShouldBe([4, 8]);
        world.RunFor(TimeSpan.FromSeconds(5));
        gateway.All<PresenceChanged>().Count().ShouldBe(2);
    }

    [Fact]
    public void A_room_that_has_become_small_again_names_its_members()
    {
        var world = new RoomWorld(o => o.NamedPresence = 3);
        var gateway = world.Gateway().Connect([.. Enumerable.Range(0, 4).Select(Of)]);
        gateway.Leave(Of(0));
        world.Run();
        gateway.Single<PresenceChanged>().ShouldSatisfyAllConditions(p => p.Left.ShouldBe(["m0"]), p => p.Count.ShouldBe(3));
        gateway.Clear();
        world.RunFor(TimeSpan.FromSeconds(3));
        gateway.Told.ShouldBeEmpty();
    }

    [Fact]
    public void Each_of_a_few_who_come_one_after_the_other_is_told_at_once()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect();
        for (var i = 0; i < 10; i++)
        {
            gateway.Enter(Of(i));
            world.Run();
            gateway.All<PresenceChanged>().Last().Joined.ShouldBe([$"m{i}"]);
        }
    }

    [Fact]
    public void Who_joins_and_leaves_all_the_time_is_told_a_few_times_a_second()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect(Of(1), Of(2));
        for (var i = 0; i < 45 * 10; i++)
        {
            gateway.Enter(Of(0));
            world.RunForMs(11);
            gateway.Leave(Of(0));
            world.RunForMs(11);
        }

        // 900 changes within ten seconds.
        gateway.All<PresenceChanged>().Count().ShouldBeInRange(5, 10 + (4 * 10));
        world.RunFor(TimeSpan.FromSeconds(1));
        gateway.Clear().List("", 10);
        world.Run();
        gateway.Single<MemberPage>().Names.ShouldBe(["m1", "m2"]);
    }

    [Fact]
    public void Whatever_comes_and_goes_somebody_who_only_came_is_seen_within_a_quarter_of_a_second()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect();
        for (var i = 0; i < 100; i++)
        {
            gateway.Enter(Of(0));
            gateway.Leave(Of(0));
            gateway.Enter(i % 2 == 0 ? Of(1) : Of(2));
            world.RunForMs(3);
            gateway.Leave(i % 2 == 0 ? Of(1) : Of(2));
            world.RunForMs(3);
        }

        gateway.Enter(Of(9));
        world.RunForMs(260);
        gateway.All<PresenceChanged>().SelectMany(p => p.Joined!).ShouldContain("m9");
    }

    [Fact]
    public void What_a_list_says_and_what_is_told_after_it_come_to_the_truth_however_fast_it_changes()
    {
        var world = new RoomWorld(o => (o.PresencePerSecond, o.PresenceBurst) = (1, 1));
        var gateway = world.Gateway().Connect();
        var random = new Random(7);
        var there = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 300; i++)
        {
            var member = Of(random.Next(6));
            if (there.Remove(member.Name))
            {
                gateway.Leave(member);
            }
            else
            {
                there.Add(member.Name);
                gateway.Enter(member);
            }

            if (random.Next(10) == 0)
                gateway.List("", 10);
            world.RunForMs(random.Next(300));
        }

        world.RunFor(TimeSpan.FromSeconds(2));

        // Whoever got a list, by a page or by asking, and took in what came after it, knows who is there.
        gateway.All<PresenceChanged>().Count().ShouldBeLessThan(100);
        foreach (var (list, at) in gateway.Told.Index().Where(t => t.Item is EventPage or MemberPage).Select(t => (t.Item, t.Index)))
        {
            var (names, count) = list is EventPage page ? (page.Members!, page.Count) : (((MemberPage)list).Names, ((MemberPage)list).Count);
            names.Count.ShouldBe(count);
            var known = names.ToHashSet(StringComparer.Ordinal);
            foreach (var change in gateway.Told.Skip(at).OfType<PresenceChanged>())
            {
                change.Joined!.ShouldAllBe(name => known.Add(name));
                change.Left!.ShouldAllBe(name => known.Remove(name));
                known.Count.ShouldBe(change.Count);
            }

            known.Order(StringComparer.Ordinal).ShouldBe(there);
        }
    }

    [Fact]
    public void What_was_not_told_yet_is_told_before_the_room_moves()
    {
        var world = new RoomWorld(o => (o.PresencePerSecond, o.PresenceBurst) = (1, 1));
        var gateway = world.Gateway().Connect(Of(0));
        gateway.Enter(Of(1));
        world.Run();
        gateway.All<PresenceChanged>().ShouldBeEmpty();
        world.Owner.MoveAway();
        world.Run();
        gateway.Single<PresenceChanged>().Joined.ShouldBe(["m1"]);
    }

    [Fact]
    public void Typing_goes_to_every_gateway()
    {
        var world = new RoomWorld();
        var one = world.Gateway("gw1").Connect();
        var two = world.Gateway("gw2").Connect();
        one.Type("ann");
        world.Run();
        one.Single<TypingNoticed>().User.ShouldBe("g:ann");
        two.Single<TypingNoticed>().User.ShouldBe("g:ann");
    }

    [Fact]
    public void A_listener_that_is_not_shown_is_no_member()
    {
        var world = new RoomWorld();
        var gateway = world.Gateway().Connect();
        gateway.Enter(null);
        world.Run();
        gateway.Told.ShouldHaveSingleItem().ShouldBeOfType<EventPage>().Count.ShouldBe(0);
    }

    private static Member Of(int n) => Make.Member("m" + n.ToString(CultureInfo.InvariantCulture));
}
