using ClusterChat.Cluster;
using ClusterChat.Gateway.Fanout;

namespace ClusterChat.Gateway.Tests.Fanout;

/// <summary>A way to the owner that takes no more.</summary>
public sealed class FullWayTests
{
    private readonly SubscriptionWorld _world = new();

    [Fact]
    public void What_does_not_fit_behind_the_opening_of_a_stream_follows_on_that_stream()
    {
        var ann = _world.Joined("ann");
        _world.RunForMs(200);
        AskForMembers(ann, 7);
        AskForMembers(ann, 8);
        _world.Sent();

        _world.Cluster.Room = 1;
        _world.Say(new StreamEnded(SubscriptionWorld.Room, _world.Stream));
        _world.SentOne<Subscribe>();
        _world.Open(0);
        Pass(100);
        _world.Sent().ShouldBeEmpty();

        _world.Cluster.Room = 1;
        Pass(100);
        Answer(_world.SentOne<ListMembers>());
        _world.Cluster.Room = 1;
        Pass(100);
        Answer(_world.SentOne<ListMembers>());
        ann.Of("members").Order(StringComparer.Ordinal).ShouldBe(["members 7 ann", "members 8 ann"]);
    }

    [Fact]
    public void What_was_not_taken_is_no_sign_that_the_owner_is_silent()
    {
        var ann = _world.Joined("ann");
        _world.Cluster.Room = 0;
        AskForMembers(ann, 7);
        Pass(2500);
        _world.Cluster.Room = null;
        Pass(100);
        _world.Sent().ShouldHaveSingleItem().ShouldBeOfType<ListMembers>();

        // From now on it is owed an answer.
        Pass(1900);
        _world.Sent().ShouldBeEmpty();
        Pass(300);
        _world.Sent().OfType<Subscribe>().ShouldHaveSingleItem();
    }

    private void AskForMembers(FakeClient client, long id)
        => _world.Tell(new ReadMembers(client, id, SubscriptionWorld.Room, false, string.Empty, 200));

    private void Answer(ListMembers list) => _world.Say(new MemberPage(SubscriptionWorld.Room, _world.Stream, list.Request, 1, ["ann"], false));

    private void Pass(int milliseconds) => _world.RunForMs(milliseconds);
}
