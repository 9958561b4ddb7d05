using Akka.Actor;
using ClusterChat.Actors;
using ClusterChat.TestKit;
using FsCheck.Xunit;

namespace ClusterChat.Shared.Tests.Kernel;

public class SimulationTests
{
    private sealed record Ball(string From, int Number);

    [Fact]
    public void The_same_seed_gives_the_same_run_and_other_seeds_other_ones()
    {
        var hashes = new HashSet<ulong>();
        for (var seed = 0; seed < 200; seed++)
        {
            var first = PlayCounters(seed);
            PlayCounters(seed).ShouldBe(first, $"seed {seed}");
            hashes.Add(first.Hash);
        }
        hashes.Count.ShouldBeGreaterThan(190);
    }

    [Property(MaxTest = 200)]
    public void Messages_of_one_sender_keep_their_order_under_any_seed(int seed)
    {
        var run = PlayCounters(seed);
        foreach (var sender in run.Received.Split(' ', StringSplitOptions.RemoveEmptyEntries).GroupBy(line => line.Split(':')[0], StringComparer.Ordinal))
            sender.Select(line => int.Parse(line.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(Enumerable.Range(0, 20), $"seed {seed}, {sender.Key}");
    }

    /// <summary>Four senders, each woken by its own timers and echoes, tell one receiver twenty numbered balls each.</summary>
    private static (ulong Hash, long Steps, string Received) PlayCounters(int seed)
    {
        var simulation = new Simulation(seed);
        var system = simulation.CreateActorSystem();
        var received = new List<string>();
        var receiver = system.ActorOf(Props.Create(() => new Receiver(received)), "receiver");
        for (var i = 0; i < 4; i++)
        {
            var name = $"sender{i}";
            system.ActorOf(Props.Create(() => new Sender(name, receiver, simulation)), name);
        }
        simulation.RunUntil(() => received.Count == 80, TimeSpan.FromSeconds(60), "all balls received");
        return (simulation.TraceHash, simulation.Steps, string.Join(' ', received));
    }

    private sealed class Receiver(List<string> received) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Ball ball)
                received.Add($"{ball.From}:{ball.Number}");
        }
    }

    private sealed class Sender(string name, IActorRef receiver, Simulation simulation) : UntypedActor, IWithTimers
    {
        private int _next;

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Wait();

        protected override void OnReceive(object message)
        {
            if (_next == 20)
                return;
            receiver.Tell(new Ball(name, _next++));
            if (_next % 3 == 0)
                Wait();
            else if (_next % 3 == 1)
                this.Pipe(Self, () => Later(simulation.Clock, simulation.Random.Next(2)), _ => "piped", _ => "never");
            else
                Self.Tell("self");
        }

        private void Wait() => Timers.StartSingleTimer("t", "timer", TimeSpan.FromMilliseconds(simulation.Random.Next(3)));
    }

    private static async ValueTask<int> Later(TimeProvider clock, int milliseconds)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), clock);
        await Task.Yield();
        return milliseconds;
    }

    [Fact]
    public void An_await_continues_in_the_simulation_on_its_thread()
    {
        var simulation = new Simulation(1);
        var thread = Environment.CurrentManagedThreadId;
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        simulation.After(TimeSpan.FromMinutes(1), source.SetResult);
        simulation.Run(
            async () =>
            {
                await source.Task;
                Environment.CurrentManagedThreadId.ShouldBe(thread);
                await Task.Delay(TimeSpan.FromHours(1), simulation.Clock);
                Environment.CurrentManagedThreadId.ShouldBe(thread);
            },
            TimeSpan.FromHours(2));
        simulation.Clock.Elapsed.ShouldBe(TimeSpan.FromMinutes(61));
        SynchronizationContext.Current.ShouldNotBeOfType<SynchronizationContext>();
    }

    [Fact]
    public void A_system_can_be_stopped_from_inside_of_the_simulation()
    {
        var simulation = new Simulation(1);
        var system = simulation.CreateActorSystem();
        for (var i = 0; i < 10; i++)
            system.ActorOf(Props.Create(() => new Receiver(new List<string>())));
        simulation.Run(system.Terminate, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_failing_scenario_fails_the_run()
    {
        var simulation = new Simulation(1);
        Should.Throw<FormatException>(() => simulation.Run(
            async () =>
            {
                await Task.Yield();
                throw new FormatException();
            },
            TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Actions_of_one_instant_run_in_the_order_of_their_calls()
    {
        var simulation = new Simulation(5);
        var seen = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            var number = i;
            simulation.After(TimeSpan.FromSeconds(1), () => seen.Add(number));
        }
        simulation.RunFor(TimeSpan.FromSeconds(1));
        seen.ShouldBe(Enumerable.Range(0, 20));
    }

    [Fact]
    public void Posted_actions_run_in_an_order_that_the_seed_picks()
    {
        var orders = Enumerable.Range(0, 20).Select(seed =>
        {
            var simulation = new Simulation(seed);
            var seen = new List<int>();
            for (var i = 0; i < 5; i++)
            {
                var number = i;
                simulation.Post(() => seen.Add(number));
            }
            simulation.RunUntilIdle();
            seen.Count.ShouldBe(5);
            return string.Join(',', seen);
        });
        orders.Distinct().Count().ShouldBeGreaterThan(10);
    }

    [Fact]
    public void RunFor_runs_what_is_due_at_its_end_and_nothing_later()
    {
        var simulation = new Simulation(1);
        var seen = new List<string>();
        simulation.After(TimeSpan.FromSeconds(1), () => simulation.Post(() => seen.Add("at the end")));
        simulation.After(TimeSpan.FromSeconds(1) + TimeSpan.FromTicks(1), () => seen.Add("later"));
        simulation.RunFor(TimeSpan.FromSeconds(1));
        seen.ShouldBe(["at the end"]);
        simulation.Clock.Elapsed.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_condition_that_never_holds_names_the_seed()
    {
        var simulation = new Simulation(4711);
        Should.Throw<SimulationTimeoutException>(() => simulation.RunUntil(() => false, TimeSpan.FromSeconds(3), "the moon"))
            .Message.ShouldSatisfyAllConditions(text => text.ShouldContain("4711"), text => text.ShouldContain("the moon"));
        simulation.Clock.Elapsed.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_world_that_never_rests_is_reported()
    {
        var simulation = new Simulation(1) { MaxSteps = 1000 };
        void Again() => simulation.After(TimeSpan.Zero, Again);
        Again();
        Should.Throw<SimulationTimeoutException>(() => simulation.RunFor(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Work_from_another_thread_is_reported()
    {
        SimulatedDispatcher dispatcher = null!;
        Exception? onThread = null;
        var thread = new Thread(() => dispatcher = new SimulatedDispatcher(1));
        thread.Start();
        thread.Join();
        await Task.Yield();
        onThread = Record.Exception(() => dispatcher.Post(() => { }));
        onThread.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("another thread");
    }
}
