using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Tests.Fanout;

/// <summary>What changed between two streams is told by the census, to all who do not know it.</summary>
public sealed class CensusTests
{
    private readonly SubscriptionWorld _world = new();

    [Fact]
    public void That_a_room_has_become_too_large_for_names_is_told_to_those_who_missed_it_with_the_stream_before()
    {
        var ann = _world.Joined("ann");
        NewStream();
        Enter("bob", null, 3);
        Census(3, "ann", "bob", "cy");
        ann.Presence.ShouldBe(["+bob,cy -"]);
    }

    [Fact]
    public void A_count_that_only_a_newcomer_knows_is_told_to_the_others()
    {
        var ann = _world.Joined("ann");
        Tell(3);
        NewStream();
        Enter("bob", null, 4);
        ann.Heard.Clear();
        Census(4, "ann", "bob", "cy", "dan");
        ann.Heard.ShouldBe(["presence 4"]);
    }

    [Fact]
    public void A_newcomer_who_has_the_list_hears_of_a_change_where_the_others_know_the_count_alone()
    {
        _world.Joined("ann");
        Tell(3);
        var bob = Enter("bob", ["ann", "bob"], 2);
        NewStream();
        Census(2, "bob", "cy");
        bob.Presence.ShouldBe(["+cy -ann"]);
    }

    [Fact]
    public void What_all_know_is_not_told_again()
    {
        var ann = _world.Joined("ann");
        Tell(3);
        NewStream();
        Enter("bob", null, 3);
        ann.Heard.Clear();
        Census(3, "ann", "bob", "cy");
        ann.Heard.ShouldBeEmpty();
    }

    [Fact]
    public void Who_enters_is_in_its_own_list_though_the_others_have_not_been_told_yet()
    {
        var ann = _world.Joined("ann");
        var bob = Enter("bob", ["ann"], 1);
        bob.Members.ShouldBe(["ann", "bob"]);
        ann.Presence.ShouldBeEmpty();

        _world.Say(new PresenceChanged(SubscriptionWorld.Room, _world.Stream, ["bob"], [], 2));
        ann.Presence.ShouldBe(["+bob -"]);
        _world.RunForMs(10_000);
        _world.Sent().OfType<ListMembers>().ShouldBeEmpty("nobody has missed anything");
    }

    private void Tell(int count) => _world.Say(new PresenceChanged(SubscriptionWorld.Room, _world.Stream, null, null, count));

    private void NewStream()
    {
        _world.RunForMs(200);
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
        _world.Open(0, epoch: 2);
        _world.Sent();
    }

    private FakeClient Enter(string user, string[]? names, int count)
    {
        var client = new FakeClient();
        _world.Join(client, user);
        var enter = _world.SentOne<Enter>();
        _world.Say(new EventPage(SubscriptionWorld.Room, _world.Stream, enter.Request, "L", 0, [], 0, false, true, count, names));
        return client;
    }

    private void Census(int count, params string[] names)
    {
        _world.RunForMs(5000);
        var census = _world.SentOne<ListMembers>();
        _world.Say(new MemberPage(SubscriptionWorld.Room, _world.Stream, census.Request, count, names, false));
    }
}
