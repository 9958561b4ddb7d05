using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.TestKit;

namespace ClusterChat.Shared.Tests.Kernel;

public class SimulatedProcessTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Simulation _simulation = new(3);
    private readonly SimulatedProcess _process;
    private readonly List<string> _seen = [];
    private readonly ActorSystem _system;
    private readonly IActorRef _actor;

    public SimulatedProcessTests()
    {
        _process = new SimulatedProcess(_simulation, "n1");
        _system = _simulation.CreateActorSystem(_process);
        _actor = _system.ActorOf(Props.Create(() => new Witness(_seen, _process.Clock)));
        _simulation.RunUntilIdle();
    }

    private sealed class Witness(List<string> seen, TimeProvider clock) : UntypedActor, IWithTimers
    {
        public ITimerScheduler Timers { get; set; } = null!;

        protected override void OnReceive(object message)
        {
            var text = message is Outcome outcome ? (string)outcome.Message : (string)message;
            seen.Add(text);
            if (text == "timer")
                Timers.StartPeriodicTimer("t", "tick", Second, 60 * Second);
            if (text == "pipe")
                this.Pipe(Self, Later, result => result, error => error.Message);
        }

        protected override void PostStop() => seen.Add("stopped");

        private async ValueTask<string> Later()
        {
            await Task.Delay(Second, clock);
            seen.Add("continued");
            return "piped";
        }
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
        _actor.Tell(PoisonPill.Instance);
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
        _actor.Tell("told");
        _simulation.RunFor(10 * Second);
        _seen.ShouldBe(["timer", "pipe"]);
        _process.Resume();
        _simulation.RunUntilIdle();
        _seen.ShouldBe(["continued", "piped", "pipe", "tick", "timer", "told"], ignoreOrder: true);
    }

    [Fact]
    public void A_system_in_a_process_can_be_stopped()
    {
        var stopped = Task.CompletedTask;
        _process.Post(() => stopped = _system.Terminate());
        _simulation.RunFor(Second);
        stopped.IsCompleted.ShouldBeTrue();
        _seen.ShouldBe(["stopped"]);
    }
}
