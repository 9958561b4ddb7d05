using System.Diagnostics.Metrics;
using System.Reflection;
using Akka.Actor;
using Akka.Event;
using Akka.Remote;

namespace ClusterChat.Actors;

/// <summary>
/// The meter "ClusterChat.Actors": what no actor took, and actors that failed, as the actor system says on its event stream. No actors' names as
/// tags: a node has as many of them as rooms and connections.
/// </summary>
/// <remarks>What is marked <see cref="IDeadLetterSuppression"/>, and so is expected to come too late now and then, is not counted.</remarks>
public static class ActorMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "ClusterChat.Actors";

    // This program's and Akka's messages together are some dozens of types. What else there may be is not to make series without end.
    private const int MostKinds = 64;
    private const string OtherKinds = "other";

    private static readonly Assembly Links = typeof(RemoteActorRefProvider).Assembly;

    /// <summary>Counts from now on, for as long as the actor system lives.</summary>
    /// <param name="system">Whose.</param>
    /// <param name="meters">Makes the meter, and owns it; null: nothing is counted.</param>
    public static void Start(ActorSystem system, IMeterFactory? meters)
    {
        if (meters?.Create(MeterName) is { } meter)
        {
            system.ActorOf(Props.Create(() => new Counting(meter)), "actor-metrics");
        }
    }

    private sealed class Counting : UntypedActor
    {
        private readonly HashSet<string> _kinds = new(StringComparer.Ordinal);
        private readonly Counter<long> _deadLetters;
        private readonly Counter<long> _failures;

        public Counting(Meter meter)
        {
            _deadLetters = meter.CreateCounter<long>("clusterchat.actors.dead_letters", "{message}", "Messages that no actor took, by type.");
            _failures = meter.CreateCounter<long>("clusterchat.actors.failures", "{failure}", "Actors that failed, and were begun anew or stopped by those above them.");
        }

        protected override void PreStart()
        {
            var stream = Context.System.EventStream;
            stream.Subscribe(Self, typeof(AllDeadLetters));
            stream.Subscribe(Self, typeof(Error));
        }

        protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case SuppressedDeadLetter:
                    break;
                case AllDeadLetters letter:
                    _deadLetters.Add(1, new KeyValuePair<string, object?>("kind", KindOf(letter.Message)));
                    break;

                // Who is above a failed actor says so in this way, whether it begins it anew or stops it. For Akka's actors of links a link's end is a failure.
                case Error error when typeof(SupervisorStrategy).IsAssignableFrom(error.LogClass) && error.Cause?.GetType().Assembly != Links:
                    _failures.Add(1);
                    break;
            }
        }

        private string KindOf(object message)
        {
            while (message is IWrappedMessage wrapped)
            {
                message = wrapped.Message;
            }

            var kind = message.GetType().Name;
            return _kinds.Contains(kind) || (_kinds.Count < MostKinds && _kinds.Add(kind)) ? kind : OtherKinds;
        }
    }
}
