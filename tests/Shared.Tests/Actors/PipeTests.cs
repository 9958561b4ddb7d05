using ClusterChat.Actors;

namespace ClusterChat.Shared.Tests.Actors;

public class PipeTests : ActorTest
{
    private readonly TaskCompletionSource<int> _operation = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IActorRef<string> Spawn(Func<ActorProps<string>, ActorProps<string>>? with = null) => _world.Spawn(
        "a",
        (context, message) =>
        {
            if (message == "go")
                context.Pipe(new ValueTask<int>(_operation.Task), value => $"got {value}", error => $"failed {error.Message}");
            if (message == "bad")
                throw new InvalidOperationException();
            if (message == "leave")
                _world.Seen.Add(context.TryPassivate().ToString());
        },
        with);

    private string Last => _world.Seen.Last(line => line != "a.");

    [Fact]
    public void A_result_comes_back_as_a_message()
    {
        Spawn().Tell("go");
        _world.RunUntilIdle();
        Last.ShouldBe("a:go");
        _operation.SetResult(5);
        _world.RunUntilIdle();
        Last.ShouldBe("a:got 5");
    }

    [Fact]
    public void A_failure_comes_back_as_a_message()
    {
        Spawn().Tell("go");
        _world.RunUntilIdle();
        _operation.SetException(new InvalidOperationException("boom"));
        _world.RunUntilIdle();
        Last.ShouldBe("a:failed boom");
    }

    [Fact]
    public void A_result_that_is_there_already_comes_after_what_waits()
    {
        _operation.SetResult(5);
        var actor = Spawn();
        actor.Tell("go");
        actor.Tell("1");
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a:go", "a:1", "a:got 5", "a."]);
    }

    [Fact]
    public void A_result_is_taken_past_the_capacity_and_does_not_use_it()
    {
        var actor = Spawn(p => p with { Capacity = 1 });
        actor.Tell("go");
        _world.RunUntilIdle();
        actor.Tell("1").ShouldBeTrue();
        _operation.SetResult(5);
        _world.Simulation.Dispatcher.Ready.ShouldBeGreaterThan(0);
        _world.RunUntilIdle();
        Last.ShouldBe("a:got 5");
    }

    [Fact]
    public void A_result_for_a_stopped_actor_is_a_dead_letter()
    {
        var actor = Spawn();
        actor.Tell("go");
        _world.RunUntilIdle();
        actor.Stop();
        _world.RunUntilIdle();
        _operation.SetException(new InvalidOperationException("nobody looks"));
        _world.RunUntilIdle();
        Last.ShouldBe("a-");
        _world.System.DeadLetters.ShouldBe(1);
    }

    [Fact]
    public void A_result_that_an_earlier_incarnation_asked_for_is_a_dead_letter()
    {
        var actor = Spawn();
        actor.Tell("go");
        actor.Tell("bad");
        _world.RunFor(10_000);
        Last.ShouldBe("a+");
        _operation.SetResult(5);
        _world.RunUntilIdle();
        Last.ShouldBe("a+");
        _world.System.DeadLetters.ShouldBe(1);
    }

    [Fact]
    public void A_result_that_waits_keeps_the_actor_from_passivating()
    {
        _operation.SetResult(5);
        var actor = Spawn();
        actor.Tell("go");
        actor.Tell("leave");
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a:go", "a:leave", "False", "a:got 5", "a."]);
    }

    [Fact]
    public void A_mapping_that_throws_is_a_failure_of_the_actor()
    {
        var actor = _world.Spawn("a", (context, _) =>
            context.Pipe<int>(new ValueTask<int>(5), _ => throw new InvalidOperationException(), error => "never"));
        actor.Tell("go");
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a:go", "a-"]);
        _world.Logs.ShouldHaveSingleItem().Id.ShouldBe(1000);
    }
}
