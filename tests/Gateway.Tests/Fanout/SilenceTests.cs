using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Tests.Fanout;

/// <summary>A subscription that is owed nothing notices an owner that says nothing.</summary>
public sealed class SilenceTests
{
    [Fact]
    public void A_silent_owner_is_asked_again_and_only_once_in_each_limit()
    {
        var world = new SubscriptionWorld();
        world.Joined();
        world.Sent();

        Pass(world, seconds: 5);
        world.Sent().ShouldBeEmpty();
        Pass(world, seconds: 1);
        world.SentOne<Subscribe>().Members.ShouldHaveSingleItem();
        world.Open(0);
        Pass(world, seconds: 4);
        world.Sent().ShouldBeEmpty();
    }

    [Fact]
    public void Heads_are_a_sign_of_life_but_not_those_of_an_owner_that_was_replaced()
    {
        var world = new SubscriptionWorld();
        world.Joined();
        world.Sent();
        for (var i = 0; i < 10; i++)
        {
            Pass(world, seconds: 1);
            world.Head(0, epoch: 1);
        }

        world.Sent().ShouldBeEmpty();
        for (var i = 0; i < 6; i++)
        {
            Pass(world, seconds: 1);
            world.Head(0, epoch: 0);
        }

        world.SentOne<Subscribe>();
    }

    [Fact]
    public void Without_clients_nobody_is_asked()
    {
        var world = new SubscriptionWorld();
        world.Leave(world.Joined(head: 1));
        world.Sent();
        Pass(world, seconds: 8);
        world.Sent().ShouldBeEmpty();
    }

    [Fact]
    public void A_stream_that_is_not_answered_is_opened_again_soon_and_then_less_and_less_often()
    {
        var world = new SubscriptionWorld(o => o.RequestTimeout = TimeSpan.FromMinutes(1));
        world.Join(new FakeClient());
        world.SentOne<Subscribe>();
        foreach (var patience in new[] { 100, 200, 400, 800, 1600, 2000, 2000 })
        {
            ShouldOpenAfter(world, patience);
        }
    }

    [Fact]
    public void An_answer_begins_the_patience_with_silent_openings_anew()
    {
        var world = new SubscriptionWorld();
        world.Joined();
        world.Say(new StreamEnded(SubscriptionWorld.Room, world.Stream));
        world.RunForMs(100);
        world.SentOne<Subscribe>();
        ShouldOpenAfter(world, 100);
        ShouldOpenAfter(world, 200);
        ShouldOpenAfter(world, 400);
        world.Open(0);
        world.Say(new StreamEnded(SubscriptionWorld.Room, world.Stream));
        world.RunForMs(100);
        world.SentOne<Subscribe>();
        ShouldOpenAfter(world, 100);
    }

    [Fact]
    public void An_owner_that_is_there_and_does_not_come_to_a_write_gets_it_again_less_and_less_often()
    {
        var world = new SubscriptionWorld(o => o.WriteTimeout = TimeSpan.FromMinutes(1));
        var ann = world.Joined();
        world.Write(ann, "m1");
        world.Sent();
        foreach (var patience in new[] { 2000, 4000, 8000, 8000 })
        {
            ShouldOpenAfter(world, patience);
            world.Open(0);
        }

        // The list of members that was asked for meanwhile is given up, and nothing is owed any more.
        world.Done(SubscriptionWorld.Ok(1, 1));
        world.RunForMs((int)world.Options.RequestTimeout.TotalMilliseconds + 200);
        world.Write(ann, "m2");
        world.Sent();
        ShouldOpenAfter(world, 2000);
    }

    /// <summary>After so long, looked at ten times a second, and once.</summary>
    private static void ShouldOpenAfter(SubscriptionWorld world, int patience)
    {
        world.RunForMs(patience);
        world.Sent().OfType<Subscribe>().ShouldBeEmpty($"after {patience} ms");
        world.RunForMs(100);
        world.Sent().OfType<Subscribe>().ShouldHaveSingleItem($"later than {patience} ms");
    }

    private static void Pass(SubscriptionWorld world, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            world.RunForMs(1000);
            world.Subscriptions.Sweep();
        }
    }
}
