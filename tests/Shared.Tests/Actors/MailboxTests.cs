using ClusterChat.Actors;

namespace ClusterChat.Shared.Tests.Actors;

public class MailboxTests : ActorTest
{
    [Fact]
    public void Messages_are_handled_in_the_order_in_which_they_were_told()
    {
        var actor = _world.Spawn("a");
        actor.Tell("1").ShouldBeTrue();
        actor.Tell("2").ShouldBeTrue();
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a:1", "a:2", "a."]);
    }

    [Fact]
    public void A_full_mailbox_refuses_and_counts()
    {
        var actor = _world.Spawn("a", with: p => p with { Capacity = 2 });
        actor.Tell("1").ShouldBeTrue();
        actor.Tell("2").ShouldBeTrue();
        actor.Tell("3").ShouldBeFalse();
        _world.RunUntilIdle();
        actor.Tell("4").ShouldBeTrue();
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a:1", "a:2", "a.", "a:4", "a."]);
        _world.Metrics["clusterchat.actors.refused"].ShouldBe(1);
        _world.System.DeadLetters.ShouldBe(0);
    }

    [Fact]
    public void A_message_leaves_its_place_before_it_is_handled()
    {
        var answers = new List<bool>();
        var actor = _world.Spawn(
            "a",
            (context, message) =>
            {
                if (message == "go")
                    answers.AddRange([context.Self.Tell("x"), context.Self.Tell("y")]);
            },
            p => p with { Capacity = 1 });
        actor.Tell("go");
        _world.RunUntilIdle();
        answers.ShouldBe([true, false]);
    }

    [Fact]
    public void A_turn_ends_after_its_quota_and_the_rest_follows_in_the_next_one()
    {
        var actor = _world.Spawn("a", with: p => p with { Throughput = 2 });
        foreach (var message in (string[])["1", "2", "3"])
            actor.Tell(message);
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["a+", "a:1", "a:2", "a.", "a:3", "a."]);
        _world.Simulation.Steps.ShouldBe(2);
    }

    [Fact]
    public void What_is_told_in_OnTurnEnd_gets_a_turn()
    {
        var told = false;
        var actor = _world.Spawn("a", () => new TestKit.InlineActor<string>
        {
            Message = (_, message) => _world.Seen.Add(message),
            TurnEnded = context =>
            {
                if (!told)
                    context.Self.Tell("late");
                told = true;
            },
        });
        _world.RunUntilIdle();
        _world.Seen.ShouldBe(["late"]);
    }

    [Fact]
    public void An_idle_actor_takes_no_steps()
    {
        var actor = _world.Spawn("a");
        _world.RunUntilIdle();
        var steps = _world.Simulation.Steps;
        _world.RunFor(10_000);
        _world.Simulation.Steps.ShouldBe(steps);
        actor.Tell("1");
        _world.RunUntilIdle();
        _world.Simulation.Steps.ShouldBe(steps + 1);
    }

    [Fact]
    public void Telling_and_handling_allocate_nothing_in_the_steady_state()
    {
        var dispatcher = new OneSlotDispatcher();
        var system = new ActorSystem(dispatcher, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<ActorSystem>.Instance);
        var actor = system.Spawn(new ActorProps<string>("a", () => new TestKit.InlineActor<string>()));
        long before = 0;
        for (var round = 0; round < 2_000; round++)
        {
            if (round == 1_000)
                before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 16; i++)
                actor.Tell("x");
            dispatcher.Run();
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Props_that_cannot_work_are_refused_at_once()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => _world.Spawn("a", with: p => p with { Capacity = 0 }));
        Should.Throw<ArgumentOutOfRangeException>(() => _world.Spawn("a", with: p => p with { Throughput = 0 }));
    }

    private sealed class OneSlotDispatcher : IDispatcher
    {
        private IRunnable? _work;

        public void Schedule(IRunnable work) => _work = work;

        public void Run()
        {
            var work = _work;
            _work = null;
            work?.Run();
        }
    }
}
