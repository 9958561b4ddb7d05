using Akka.Actor;
using BenchmarkDotNet.Attributes;
using ClusterChat.Actors;

namespace ClusterChat.MicroBench;

/// <summary>Messages to an actor that does nothing with them, and its turn.</summary>
public class MailboxBenchmarks
{
    private const int Turn = 64;
    private static readonly object Message = new();

    private QueueDispatcher _dispatcher = null!;
    private IActorRef _actor = null!;

    [GlobalSetup]
    public void Setup()
    {
        var system = QueueDispatcher.CreateSystem();
        _dispatcher = (QueueDispatcher)system.Dispatchers.DefaultGlobalDispatcher;
        _actor = system.ActorOf(Props.Create(() => new Sink()).WithMailbox(MailboxNames.Turn));
        _dispatcher.RunAll();
    }

    [Benchmark]
    public void TellAndTurn()
    {
        _actor.Tell(Message, ActorRefs.NoSender);
        _dispatcher.RunAll();
    }

    [Benchmark(OperationsPerInvoke = Turn)]
    public void TellsAndOneTurn()
    {
        for (var i = 0; i < Turn; i++)
        {
            _actor.Tell(Message, ActorRefs.NoSender);
        }

        _dispatcher.RunAll();
    }

    private sealed class Sink : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }
    }
}
