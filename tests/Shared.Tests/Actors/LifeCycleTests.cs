using ClusterChat.Actors;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Actors;

public class LifeCycleTests : ActorTest
{
    [Fact]
    public void Stop_overtakes_waiting_messages_and_they_become_dead_letters()
    {
        var actor = _world.Spawn("a");
        _world.RunUntilIdle();
        actor.Tell("1");
        actor.Tell("2");
        actor.Stop();
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a.", "a-"]);
        actor.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
        _world.System.DeadLetters.ShouldBe(2);
        _world.Metrics["clusterchat.actors.dead_letters"].ShouldBe(2);
        _world.Logs.ShouldContain(line => line.Id == 1003);
    }

    [Fact]
    public void An_actor_takes_nothing_from_the_call_of_Stop_on()
    {
        var actor = _world.Spawn("a");
        actor.Stop();
        actor.Tell("1").ShouldBeFalse();
        _world.RunUntilIdle();
        actor.Tell("2").ShouldBeFalse();
        _world.System.DeadLetters.ShouldBe(2);
    }

    [Fact]
    public void An_actor_that_stops_itself_finishes_its_message_and_the_end_of_its_turn()
    {
        var actor = _world.Spawn("a", (context, message) =>
        {
            context.Stop();
            _world.Seen.Add("after");
        });
        actor.Tell("1");
        actor.Tell("2");
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a:1", "after", "a.", "a-"]);
        _world.System.DeadLetters.ShouldBe(1);
    }

    [Fact]
    public void Stopping_twice_is_stopping_once()
    {
        var actor = _world.Spawn("a");
        _world.RunUntilIdle();
        actor.Stop();
        actor.Stop();
        _world.RunUntilIdle();
        actor.Stop();
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a.", "a-"]);
    }

    [Fact]
    public void Children_stop_before_their_parent()
    {
        IActorRef<string>? child = null;
        var parent = _world.Spawn("p", () => _world.Recorder("p", onStart: context =>
            child = context.Spawn(new ActorProps<string>("c", () => _world.Recorder("c", onStart: inner =>
                inner.Spawn(new ActorProps<string>("g", () => _world.Recorder("g"))))))));
        _world.RunUntilIdle();
        _world.Seen.Clear();
        parent.Stop();
        parent.Stopped.IsCompleted.ShouldBeFalse();
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["g-", "c-", "p-"]);
        child!.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
        parent.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void A_child_that_stopped_does_not_hold_up_its_parent()
    {
        IActorRef<string>? child = null;
        var parent = _world.Spawn("p", () => _world.Recorder("p", onStart: context =>
            child = context.Spawn(new ActorProps<string>("c", () => _world.Recorder("c")))));
        _world.RunUntilIdle();
        child!.Stop();
        _world.RunUntilIdle();
        parent.Stopped.IsCompleted.ShouldBeFalse();
        parent.Stop();
        _world.RunUntilIdle();
        parent.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void An_actor_stopped_before_its_first_turn_starts_and_stops_in_pairs()
    {
        var actor = _world.Spawn("a");
        actor.Stop();
        _world.RunUntilIdle();
        // Start and Stop wait together; Start comes first, and OnStop pairs with it.
        _world.Seen.ShouldBe(["a+", "a.", "a-"]);
    }

    [Fact]
    public void What_slips_into_a_dead_mailbox_is_cleared_by_one_more_turn()
    {
        var actor = _world.Spawn("a");
        actor.Stop();
        _world.RunUntilIdle();
        var steps = _world.Simulation.Steps;
        // Stands for the sender that was between the gate and the queue, or the timer that was already firing.
        var cell = (ActorCell<string>)actor;
        cell.Post(new TimerDelivery<string>(cell, "t", "tick", periodic: false));
        _world.RunUntilIdle();
        _world.Simulation.Steps.ShouldBe(steps + 1);
        _world.Seen.ShouldBe(["a+", "a.", "a-"]);
    }

    [Fact]
    public void The_system_stops_when_all_its_actors_have()
    {
        var actors = Enumerable.Range(0, 5).Select(i => _world.Spawn($"a{i}")).ToList();
        _world.RunUntilIdle();
        var stopped = _world.System.StopAsync();
        stopped.IsCompleted.ShouldBeFalse();
        _world.RunUntilIdle();
        stopped.IsCompletedSuccessfully.ShouldBeTrue();
        actors.ShouldAllBe(actor => actor.Stopped.IsCompletedSuccessfully);
        _world.System.StopAsync().IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void A_stopping_system_spawns_nothing()
    {
        _world.System.StopAsync().IsCompletedSuccessfully.ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => _world.Spawn("late"));
        _world.RunUntilIdle();
        _world.Seen.ShouldBeEmpty();
        _world.System.StopAsync().IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void An_exception_in_OnStop_is_logged_and_the_actor_stops()
    {
        var actor = _world.Spawn("a", () => new InlineActor<string> { Stopping = _ => throw new InvalidOperationException("no") });
        _world.RunUntilIdle();
        actor.Stop();
        _world.RunUntilIdle();
        actor.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
        _world.Logs.ShouldHaveSingleItem().Id.ShouldBe(1002);
    }

    [Fact]
    public void The_context_is_only_for_the_actors_own_turns()
    {
        IActorContext<string>? leaked = null;
        _world.Spawn("a", () => new InlineActor<string> { Started = context => leaked = context });
        _world.RunUntilIdle();
        Should.Throw<InvalidOperationException>(() => leaked!.StartTimer("t", "x", TimeSpan.Zero));
        Should.Throw<InvalidOperationException>(() => leaked!.TryPassivate());
        Should.Throw<InvalidOperationException>(() => leaked!.Spawn(new ActorProps<string>("c", () => new InlineActor<string>())));
    }

    [Fact]
    public void A_successful_passivation_closes_the_mailbox_at_once()
    {
        bool? passivated = null;
        bool? told = null;
        var actor = _world.Spawn("a", (context, _) =>
        {
            passivated = context.TryPassivate();
            told = context.Self.Tell("late");
        });
        actor.Tell("1");
        _world.RunUntilIdle();
        passivated.ShouldBe(true);
        told.ShouldBe(false);
        _world.Seen.ShouldBe(["a+", "a:1", "a.", "a-"]);
        actor.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void An_actor_with_work_does_not_passivate()
    {
        var answers = new List<bool>();
        var actor = _world.Spawn("a", (context, _) => answers.Add(context.TryPassivate()));
        actor.Tell("1");
        actor.Tell("2");
        _world.RunUntilIdle();
        answers.ShouldBe([false, true]);
        _world.System.DeadLetters.ShouldBe(0);
    }
}
