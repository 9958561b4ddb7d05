using ClusterChat.Cluster;

namespace ClusterChat.RoomActors.Tests.Rooms;

/// <summary>Members stay members while their room moves.</summary>
public sealed class HandoverPresenceTests
{
    private readonly RoomWorld _world = new();
    private readonly Owner _new;

    public HandoverPresenceTests()
    {
        var old = new Owner(_world, 1, "old");
        _new = new Owner(_world, 2, "new");
        old.Keepers.Others.Add(_new.Node);
        new TestGateway(_world, old, "gw1", Make.Room).Connect(Make.Member("ann"));
        new TestGateway(_world, old, "gw2", Make.Room).Connect(Make.Member("bob"));
        new TestGateway(_world, old, "watcher", Make.Room).Connect();
        old.MoveAway();
        _world.Run();
        _world.Links.For("gw1").Clear();
        _world.Links.For("gw2").Clear();
        _world.Links.For("watcher").Clear();
    }

    [Fact]
    public void Nobody_is_announced_when_all_gateways_come_with_the_members_they_had()
    {
        var (one, two) = (Gateway("gw1").Subscribe(Make.Member("ann")), Gateway("gw2").Subscribe(Make.Member("bob")));
        Gateway("watcher").Subscribe();
        one.List("", 10);
        _world.RunFor(TimeSpan.FromSeconds(10));
        one.Single<MemberPage>().Names.ShouldBe(["ann", "bob"]);
        one.All<PresenceChanged>().ShouldBeEmpty();
        two.All<PresenceChanged>().ShouldBeEmpty();
    }

    [Fact]
    public void Whoever_came_or_left_meanwhile_is_announced_also_to_gateways_that_come_later()
    {
        var one = Gateway("gw1").Subscribe(Make.Member("cy"));
        _world.Run();
        one.Single<PresenceChanged>().ShouldSatisfyAllConditions(
            p => p.Joined.ShouldBe(["cy"]), p => p.Left.ShouldBe(["ann"]), p => p.Count.ShouldBe(2));
        var two = Gateway("gw2").Subscribe(Make.Member("bob"));
        _world.Run();
        two.Single<PresenceChanged>().ShouldSatisfyAllConditions(
            p => p.Joined.ShouldBe(["cy"]), p => p.Left.ShouldBe(["ann"]), p => p.Count.ShouldBe(2));
        one.All<PresenceChanged>().Count().ShouldBe(1);
    }

    [Fact]
    public void The_members_of_a_gateway_that_does_not_come_leave_after_a_while()
    {
        var watcher = Gateway("watcher").Connect();
        Gateway("gw1").Connect(Make.Member("ann"));
        _world.RunFor(TimeSpan.FromSeconds(4));
        watcher.Told.ShouldBeEmpty();
        _world.RunFor(TimeSpan.FromSeconds(2));
        watcher.Single<PresenceChanged>().Left.ShouldBe(["bob"]);
    }

    [Fact]
    public void The_members_of_a_gateway_that_is_gone_leave_at_once()
    {
        var watcher = Gateway("watcher").Connect();
        _new.Node.RemoveGateway("gw2");
        _world.Run();
        watcher.Single<PresenceChanged>().Left.ShouldBe(["bob"]);
    }

    [Fact]
    public void A_name_stays_taken_while_its_gateway_is_awaited()
    {
        var watcher = Gateway("watcher").Connect();
        watcher.Enter(Make.Member("u2", "bob"));
        _world.Run();
        watcher.Single<Refused>();
    }

    [Fact]
    public void Gateways_that_are_still_awaited_are_handed_over_once_more()
    {
        Gateway("gw1").Connect(Make.Member("ann"));
        _new.MoveAway();
        _world.Run();
        _new.Keepers.State.Members!.Select(m => (m.Gateway, m.Members.Count)).ShouldBe([("gw1", 1), ("gw2", 1), ("watcher", 0)]);
    }

    private TestGateway Gateway(string name) => new(_world, _new, name, Make.Room);
}
