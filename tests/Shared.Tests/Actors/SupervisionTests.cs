using ClusterChat.Actors;
using ClusterChat.TestKit;
using FsCheck.Xunit;

namespace ClusterChat.Shared.Tests.Actors;

public class SupervisionTests : ActorTest
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static SupervisorStrategy Exact(int maxRestarts = 10) =>
        SupervisorStrategy.Restart(Second, 4 * Second, maxRestarts, 60 * Second) with { Jitter = 0 };

    private static void FailOnBad(IActorContext<string> context, string message)
    {
        if (message == "bad")
            throw new InvalidOperationException("bad message");
    }

    [Fact]
    public void A_failed_actor_is_replaced_after_its_back_off_and_keeps_its_mailbox()
    {
        var actor = _world.Spawn("a", FailOnBad, p => p with { Supervision = Exact(), Capacity = 2 });
        actor.Tell("bad");
        actor.Tell("1");
        _world.RunUntilIdle();
        actor.Tell("2").ShouldBeTrue();
        actor.Tell("3").ShouldBeFalse();
        _world.RunFor(999);
        _world.Seen.ShouldBe(["a+", "a:bad", "a-"]);
        _world.RunFor(1);
        _world.Seen.ShouldBe(["a+", "a:bad", "a-", "a+", "a:1", "a:2", "a."]);
        _world.Metrics["clusterchat.actors.restarts"].ShouldBe(1);
        _world.Logs.ShouldHaveSingleItem().Id.ShouldBe(1000);
    }

    [Fact]
    public void Back_off_doubles_up_to_its_maximum_and_begins_anew_after_a_quiet_window()
    {
        var actor = _world.Spawn("a", FailOnBad, p => p with { Supervision = Exact(int.MaxValue) });
        foreach (var seconds in (int[])[1, 2, 4, 4])
        {
            actor.Tell("bad");
            _world.RunFor((seconds * 1000) - 1);
            _world.Seen[^1].ShouldBe("a-");
            _world.RunFor(1);
            _world.Seen[^1].ShouldBe("a.");
        }
        _world.RunFor(60_000);
        actor.Tell("bad");
        _world.RunFor(1000);
        _world.Seen[^1].ShouldBe("a.");
    }

    [Fact]
    public void Too_many_failures_within_the_window_stop_the_actor()
    {
        var actor = _world.Spawn("a", FailOnBad, p => p with { Supervision = Exact(maxRestarts: 2) });
        for (var i = 0; i < 3; i++)
        {
            actor.Stopped.IsCompleted.ShouldBeFalse();
            actor.Tell("bad").ShouldBeTrue();
            _world.RunFor(5_000);
        }
        actor.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
        _world.Seen.Count(line => line == "a-").ShouldBe(3);
        _world.Logs[^1].Id.ShouldBe(1001);
    }

    [Fact]
    public void Failures_that_are_far_apart_never_stop_the_actor()
    {
        var actor = _world.Spawn("a", FailOnBad, p => p with { Supervision = Exact(maxRestarts: 2) });
        for (var i = 0; i < 20; i++)
        {
            actor.Tell("bad").ShouldBeTrue();
            _world.RunFor(31_000);
        }
        actor.Stopped.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void The_stop_strategy_stops_at_the_first_failure()
    {
        var actor = _world.Spawn("a", FailOnBad, p => p with { Supervision = SupervisorStrategy.Stop });
        actor.Tell("bad");
        actor.Tell("1");
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a:bad", "a-"]);
        actor.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
        _world.System.DeadLetters.ShouldBe(1);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("start")]
    [InlineData("turn end")]
    public void Failures_elsewhere_count_as_well(string where)
    {
        var instances = 0;
        var actor = _world.Spawn(
            "a",
            () =>
            {
                var fails = instances++ == 0;
                if (fails && where == "create")
                    throw new InvalidOperationException(where);
                return new InlineActor<string>
                {
                    Started = _ => Throw(fails && where == "start"),
                    TurnEnded = _ => Throw(fails && where == "turn end"),
                    Message = (_, message) => _world.Seen.Add(message),
                };
            },
            p => p with { Supervision = Exact() });
        _world.RunUntilIdle();
        actor.Tell("1");
        _world.RunFor(1000);
        instances.ShouldBe(2);
        _world.Seen.ShouldBe(["1"]);
        _world.Logs.ShouldHaveSingleItem().Id.ShouldBe(1000);

        static void Throw(bool really)
        {
            if (really)
                throw new InvalidOperationException();
        }
    }

    [Fact]
    public void A_restart_stops_the_children_and_waits_for_them()
    {
        var instances = 0;
        var actor = _world.Spawn(
            "p",
            () => _world.Recorder("p", FailOnBad, context =>
                context.Spawn(new ActorProps<string>($"c{++instances}", () => _world.Recorder($"c{instances}")))),
            p => p with { Supervision = Exact() with { MinBackoff = TimeSpan.Zero } });
        _world.RunUntilIdle();
        actor.Tell("bad");
        _world.RunUntilIdle();
        _world.Seen.Where(line => !line.EndsWith('.')).ShouldBe(["p+", "c1+", "p:bad", "p-", "c1-", "p+", "c2+"]);
    }

    [Fact]
    public void An_actor_can_be_stopped_while_it_backs_off()
    {
        var actor = _world.Spawn("a", FailOnBad, p => p with { Supervision = Exact() });
        actor.Tell("bad");
        actor.Tell("1");
        _world.RunUntilIdle();
        actor.Stop();
        _world.RunUntilIdle();
        actor.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
        _world.RunFor(10_000);
        _world.Seen.ShouldBe(["a+", "a:bad", "a-"]);
        _world.System.DeadLetters.ShouldBe(1);
    }

    [Fact]
    public void An_actor_that_fails_while_it_is_asked_to_stop_stops()
    {
        var actor = _world.Spawn("a", (context, _) =>
        {
            context.Stop();
            throw new InvalidOperationException();
        });
        actor.Tell("1");
        _world.RunUntilIdle();
        actor.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
        _world.Seen.ShouldBe(["a+", "a:1", "a-"]);
    }

    [Fact]
    public void An_instance_cannot_be_used_twice()
    {
        var instance = _world.Recorder("a", FailOnBad);
        var actor = _world.Spawn("a", () => instance, p => p with { Supervision = Exact(maxRestarts: 1) });
        actor.Tell("bad");
        _world.RunFor(10_000);
        actor.Stopped.IsCompletedSuccessfully.ShouldBeTrue();
        _world.Seen.ShouldBe(["a+", "a:bad", "a-"]);
    }

    [Property]
    public bool Back_off_stays_within_its_bounds(ushort min, ushort max, byte streak, byte roll)
    {
        var strategy = SupervisorStrategy.RestartForever(TimeSpan.FromMilliseconds(min), TimeSpan.FromMilliseconds(max));
        var backoff = strategy.BackoffAfter(streak, roll / 255.0);
        var longest = TimeSpan.FromMilliseconds(Math.Min(max, min * Math.Pow(2, streak)));
        return backoff <= longest && backoff >= longest * 0.7999 - TimeSpan.FromTicks(1);
    }
}
