using BenchmarkDotNet.Attributes;
using ClusterChat.Actors;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterChat.MicroBench;

/// <summary>Messages to an actor that does nothing with them, and its turn.</summary>
public class MailboxBenchmarks
{
    private const int Turn = 64;
    private static readonly object Message = new();

    private readonly QueueDispatcher _dispatcher = new();
    private IActorRef<object> _actor = null!;

    [GlobalSetup]
    public void Setup()
    {
        var system = new ActorSystem(_dispatcher, TimeProvider.System, NullLogger<ActorSystem>.Instance);
        _actor = system.Spawn(new ActorProps<object>("sink", () => new Sink()));
        _dispatcher.RunAll();
    }

    [Benchmark]
    public void TellAndTurn()
    {
        _actor.Tell(Message);
        _dispatcher.RunAll();
    }

    [Benchmark(OperationsPerInvoke = Turn)]
    public void TellsAndOneTurn()
    {
        for (var i = 0; i < Turn; i++)
        {
            _actor.Tell(Message);
        }

        _dispatcher.RunAll();
    }

    private sealed class Sink : Actor<object>
    {
        protected internal override void OnMessage(object message)
        {
        }
    }
}
