using ClusterChat.Actors;

namespace ClusterChat.Shared.Tests.Actors;

public class TimerTests : ActorTest
{
    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private IActorRef<string> Spawn(Action<IActorContext<string>, string> onMessage) => _world.Spawn("a", onMessage);

    private List<string> Messages => [.. _world.Seen.Where(line => line.StartsWith("a:", StringComparison.Ordinal)).Select(line => line[2..])];

    [Fact]
    public void A_timer_fires_once_when_it_is_due()
    {
        Spawn((context, message) =>
        {
            if (message == "go")
                context.StartTimer("t", "tick", Ms(100));
        }).Tell("go");
        _world.RunFor(99);
        Messages.ShouldBe(["go"]);
        _world.RunFor(1);
        Messages.ShouldBe(["go", "tick"]);
        _world.RunFor(10_000);
        Messages.Count.ShouldBe(2);
        _world.Simulation.Clock.NextDue.ShouldBeNull();
    }

    [Fact]
    public void A_periodic_timer_fires_until_it_is_cancelled()
    {
        var actor = Spawn((context, message) =>
        {
            if (message == "go")
                context.StartTimer("t", "tick", Ms(50), Ms(100));
            if (message == "end")
                context.CancelTimer("t");
        });
        actor.Tell("go");
        _world.RunFor(300);
        Messages.Count.ShouldBe(4);
        actor.Tell("end");
        _world.RunFor(1000);
        Messages.Count.ShouldBe(5);
        _world.Simulation.Clock.NextDue.ShouldBeNull();
    }

    [Theory]
    [InlineData("cancel", new string[0])]
    [InlineData("replace", new[] { "new" })]
    public void A_message_of_a_cancelled_timer_is_not_delivered_from_the_mailbox(string how, string[] expected)
    {
        var actor = Spawn((context, message) =>
        {
            switch (message)
            {
                case "go":
                    context.StartTimer("t", "old", Ms(100));
                    break;
                case "cancel":
                    context.CancelTimer("t");
                    break;
                case "replace":
                    context.StartTimer("t", "new", Ms(100));
                    break;
            }
        });
        actor.Tell("go");
        _world.RunUntilIdle();
        actor.Tell(how);
        _world.Simulation.Clock.Advance(Ms(100)); // Now the mailbox holds the command, and behind it the timer.
        _world.RunFor(1000);
        Messages.ShouldBe(["go", how, .. expected]);
        _world.System.DeadLetters.ShouldBe(0);
    }

    [Fact]
    public void Ticks_of_a_busy_actor_do_not_pile_up()
    {
        var actor = Spawn((context, message) =>
        {
            if (message == "go")
                context.StartTimer("t", "tick", Ms(10), Ms(10));
        });
        actor.Tell("go");
        _world.RunUntilIdle();
        _world.Simulation.Clock.Advance(Ms(1000));
        _world.RunUntilIdle();
        Messages.ShouldBe(["go", "tick"]);
    }

    [Fact]
    public void A_timer_message_is_taken_past_the_capacity()
    {
        var actor = _world.Spawn(
            "a",
            (context, message) =>
            {
                if (message == "go")
                    context.StartTimer("t", "tick", Ms(10));
            },
            p => p with { Capacity = 1 });
        actor.Tell("go");
        _world.RunUntilIdle();
        actor.Tell("1");
        _world.Simulation.Clock.Advance(Ms(10));
        _world.RunUntilIdle();
        Messages.ShouldBe(["go", "1", "tick"]);
    }

    [Fact]
    public void A_timer_may_start_itself_again()
    {
        Spawn((context, message) => context.StartTimer("t", message + "i", Ms(10))).Tell("");
        _world.RunFor(30);
        Messages.ShouldBe(["", "i", "ii", "iii"]);
    }

    [Fact]
    public void A_waiting_timer_message_does_not_keep_an_actor_from_passivating()
    {
        bool? passivated = null;
        var actor = Spawn((context, message) =>
        {
            if (message == "go")
                context.StartTimer("t", "tick", Ms(10));
            else
                passivated = context.TryPassivate();
        });
        actor.Tell("go");
        _world.RunUntilIdle();
        actor.Tell("idle");
        _world.Simulation.Clock.Advance(Ms(10));
        _world.RunUntilIdle();
        passivated.ShouldBe(true);
        _world.System.DeadLetters.ShouldBe(0);
    }

    [Fact]
    public void Stop_and_restart_cancel_all_timers()
    {
        var actor = Spawn((context, message) =>
        {
            if (message == "bad")
                throw new InvalidOperationException();
            context.StartTimer("t", "tick", Ms(200));
        });
        actor.Tell("go");
        actor.Tell("bad");
        _world.RunFor(10_000);
        Messages.ShouldBe(["go", "bad"]);
        actor.Tell("again");
        _world.RunUntilIdle();
        actor.Stop();
        _world.RunFor(10_000);
        Messages.ShouldBe(["go", "bad", "again"]);
        _world.Simulation.Clock.NextDue.ShouldBeNull();
    }
}
