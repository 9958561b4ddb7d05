using ClusterChat.Actors;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Actors;

public class SimulatedProcessTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Simulation _simulation = new(3);
    private readonly SimulatedProcess _process;
    private readonly List<string> _seen = [];
    private readonly IActorRef<string> _actor;

    public SimulatedProcessTests()
    {
        _process = new SimulatedProcess(_simulation, "n1");
        _actor = _simulation.CreateActorSystem(_process).Spawn(new ActorProps<string>("a", () => new InlineActor<string>
        {
            Message = (context, message) =>
            {
                _seen.Add(message);
                if (message == "timer")
                    context.StartTimer("t", "tick", Second, 60 * Second);
                if (message == "pipe")
                    context.Pipe(Later(context.Clock), text => text, error => error.Message);
            },
            Stopping = _ => _seen.Add("stopped"),
        }));
        _simulation.RunUntilIdle();
    }

    private async ValueTask<string> Later(TimeProvider clock)
    {
        await Task.Delay(Second, clock);
        _seen.Add("continued");
        return "piped";
    }

    [Fact]
    public void It_runs_turns_timers_and_continuations()
    {
        _actor.Tell("timer");
        _actor.Tell("pipe");
        _simulation.RunFor(Second);
        _seen.ShouldBe(["continued", "piped", "pipe", "tick", "timer"], ignoreOrder: true);
    }

    [Fact]
    public void A_killed_process_does_nothing_any_more()
    {
        _actor.Tell("timer");
        _actor.Tell("pipe");
        _simulation.RunUntilIdle();
        _actor.Tell("waits");
        _process.Kill();
        _actor.Stop();
        _simulation.RunFor(10 * Second);
        _seen.ShouldBe(["timer", "pipe"]);
        _simulation.Clock.NextDue.ShouldBeNull();
    }

    [Fact]
    public void A_continuation_of_a_killed_process_is_gone_also_if_the_world_completes_the_task()
    {
        var outside = new TaskCompletionSource();
        _process.Post(() => _ = Wait());
        _simulation.RunUntilIdle();
        _process.Kill();
        _simulation.Post(outside.SetResult);
        _simulation.RunUntilIdle();
        _seen.ShouldBe(["began"]);

        async Task Wait()
        {
            _seen.Add("began");
            await outside.Task;
            _seen.Add("ghost");
        }
    }

    [Fact]
    public void A_paused_process_catches_up_when_it_is_resumed()
    {
        _actor.Tell("timer");
        _actor.Tell("pipe");
        _simulation.RunUntilIdle();
        _process.Pause();
        _actor.Tell("told").ShouldBeTrue();
        _simulation.RunFor(10 * Second);
        _seen.ShouldBe(["timer", "pipe"]);
        _process.Resume();
        _simulation.RunUntilIdle();
        _seen.ShouldBe(["continued", "piped", "pipe", "tick", "timer", "told"], ignoreOrder: true);
    }

    [Fact]
    public void A_system_in_a_process_can_be_stopped()
    {
        _process.Post(_actor.Stop);
        _simulation.RunUntil(() => _actor.Stopped.IsCompleted, Second);
        _seen.ShouldBe(["stopped"]);
    }
}
