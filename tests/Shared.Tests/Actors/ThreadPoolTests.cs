using System.Collections.Concurrent;
using ClusterChat.Actors;
using ClusterChat.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.Shared.Tests.Actors;

/// <summary>The races that a simulation in one thread cannot show. Nothing here depends on timing to pass.</summary>
public class ThreadPoolTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly ActorSystem _system = new(ThreadPoolDispatcher.Instance, TimeProvider.System, NullLogger<ActorSystem>.Instance);

    private sealed record Numbered(int Sender, int Number);

    [Fact]
    public async Task Under_load_every_message_is_handled_once_in_its_senders_order_by_one_thread_at_a_time()
    {
        const int Senders = 4, Each = 50_000;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var inside = 0;
        var next = new int[Senders]; // Plain fields on purpose: a missing fence between turns would show.
        var total = 0;
        var actor = _system.Spawn(new ActorProps<Numbered>("sink", () => new InlineActor<Numbered>
        {
            Message = (_, message) =>
            {
                if (Interlocked.Increment(ref inside) != 1 || next[message.Sender]++ != message.Number)
                    done.TrySetException(new InvalidOperationException($"{message} overlapped or came when {next[message.Sender] - 1} was due"));
                Interlocked.Decrement(ref inside);
                if (++total == Senders * Each)
                    done.TrySetResult();
            },
        })
        { Capacity = 100, Throughput = 7 });

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            for (var number = 0; number < Each; number++)
            {
                while (!actor.Tell(new Numbered(sender, number)))
                    Thread.Yield();
            }
        }))).WaitAsync(Guard, TimeProvider.System);
        await done.Task.WaitAsync(Guard, TimeProvider.System);
        _system.DeadLetters.ShouldBe(0);
        await _system.StopAsync().WaitAsync(Guard, TimeProvider.System);
    }

    [Fact]
    public async Task An_actor_that_passivates_and_is_spawned_again_loses_and_doubles_nothing()
    {
        const int Senders = 4, Each = 5_000;
        var seen = new ConcurrentDictionary<Numbered, int>();
        var lives = 0;
        var registry = new Registry(() => _system.Spawn(new ActorProps<Numbered>("room", () => new InlineActor<Numbered>
        {
            Started = _ => Interlocked.Increment(ref lives),
            Message = (context, message) =>
            {
                seen.AddOrUpdate(message, 1, (_, count) => count + 1);
                if (message.Number % 5 == 0)
                    context.TryPassivate();
            },
        })));

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (var number = 0; number < Each; number++)
            {
                registry.Tell(new Numbered(sender, number));

                // Now and then all wait until the mailbox is empty: without that it may never be, until the end.
                while (number % 50 == 0 && !seen.ContainsKey(new Numbered(sender, number)))
                    await Task.Yield();
            }
        }))).WaitAsync(Guard, TimeProvider.System);
        // Stop would make dead letters of the rest: ask the last one to leave by itself.
        while (!registry.Current.Stopped.IsCompleted)
        {
            registry.Current.Tell(new Numbered(-1, 0));
            await Task.Yield();
        }

        seen.Count(pair => pair.Key.Sender >= 0).ShouldBe(Senders * Each);
        seen.Where(pair => pair.Key.Sender >= 0).ShouldAllBe(pair => pair.Value == 1);
        lives.ShouldBeGreaterThan(1);
        await _system.StopAsync().WaitAsync(Guard, TimeProvider.System);
    }

    /// <summary>
    /// The next message is told a sweep of nanoseconds after the last one was handled: into the end of the turn, where it
    /// can fall between the look at the queue and the swap to idle, or between the look at the gate and its closing.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_told_as_a_turn_ends_is_never_forgotten(bool passivates)
    {
        var rounds = passivates ? 30_000 : 100_000;
        var handled = -1;
        var registry = new Registry(() => _system.Spawn(new ActorProps<Numbered>("a", () => new InlineActor<Numbered>
        {
            Message = (context, message) =>
            {
                Volatile.Write(ref handled, message.Number);
                if (!passivates)
                    return;
                // Here the actor waits for the sender, which needs longer to notice than the gate to close.
                for (var delay = message.Number % 256; delay > 0; delay--)
                    Volatile.Read(ref handled);
                context.TryPassivate();
            },
        })));
        for (var round = 0; round < rounds; round++)
        {
            registry.Tell(new Numbered(0, round));
            var since = TimeProvider.System.GetTimestamp();
            for (var spins = 1; Volatile.Read(ref handled) != round; spins++)
            {
                if (spins % 1000 != 0)
                    continue;
                Thread.Yield();
                TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(Guard, $"round {round}");
            }
            for (var delay = passivates ? 0 : round % 64; delay > 0; delay--)
                Volatile.Read(ref handled);
        }
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_traffic_accounts_for_every_message()
    {
        for (var round = 0; round < 300; round++)
        {
            var handled = 0;
            var before = _system.DeadLetters;
            var actor = _system.Spawn(new ActorProps<Numbered>("a", () => new InlineActor<Numbered> { Message = (_, _) => handled++ }) { Capacity = int.MaxValue });
            var senders = Enumerable.Range(0, 3).Select(sender => Task.Run(() =>
            {
                for (var number = 0; number < 200; number++)
                    actor.Tell(new Numbered(sender, number));
            })).ToArray();
            actor.Stop();
            await Task.WhenAll([.. senders, actor.Stopped]).WaitAsync(Guard, TimeProvider.System);
            // A sender that was between gate and queue is counted by one more turn.
            await Eventually(() => Volatile.Read(ref handled) + _system.DeadLetters - before == 600);
        }
    }

    [Fact]
    public async Task Timers_pipes_and_restarts_race_without_harm()
    {
        var probe = new TestProbe<string>();
        var failures = 0;
        var actor = _system.Spawn(new ActorProps<string>("a", () => new InlineActor<string>
        {
            Started = context => context.StartTimer("tick", "tick", TimeSpan.Zero, TimeSpan.FromMilliseconds(1)),
            Message = (context, message) =>
            {
                if (message == "bad")
                    throw new InvalidOperationException($"failure {++failures}");
                if (message == "pipe")
                    context.Pipe(new ValueTask<int>(Task.Run(() => 1)), _ => "piped", _ => "failed");
                if (message == "tick")
                    context.StartTimer("tick", "tick", TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
                if (message == "end")
                    probe.Tell("end");
            },
        })
        { Supervision = SupervisorStrategy.RestartForever(TimeSpan.Zero, TimeSpan.Zero), Capacity = int.MaxValue });
        for (var i = 0; i < 500; i++)
        {
            actor.Tell("pipe");
            actor.Tell("bad");
        }
        actor.Tell("end");
        await probe.ExpectAsync<string>(Guard);
        failures.ShouldBe(500);
        actor.Stop();
        await actor.Stopped.WaitAsync(Guard, TimeProvider.System);
    }

    private static async Task Eventually(Func<bool> condition)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(Guard);
            await Task.Yield();
        }
    }

    /// <summary>What owners of passivating actors do: tell, and on false put a fresh one in the place of the one that left.</summary>
    private sealed class Registry(Func<IActorRef<Numbered>> spawn)
    {
        private readonly Lock _lock = new();
        private IActorRef<Numbered> _current = spawn();

        public IActorRef<Numbered> Current
        {
            get
            {
                lock (_lock)
                    return _current;
            }
        }

        public void Tell(Numbered message)
        {
            while (true)
            {
                var current = Current;
                if (current.Tell(message))
                    return;
                // False also means full; only one that stops is replaced.
                if (!current.IsStopping)
                {
                    Thread.Yield();
                    continue;
                }
                lock (_lock)
                {
                    if (_current == current)
                        _current = spawn();
                }
            }
        }
    }
}
