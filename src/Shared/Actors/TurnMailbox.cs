using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;
using Akka.Event;

namespace ClusterChat.Actors;

/// <summary>
/// A mailbox for actors that gather while there is something to handle, and flush then: after the last waiting message, or after
/// so many, it gives the actor a <see cref="TurnEnded"/>: <see cref="MailboxNames.Turn"/>.
/// </summary>
public sealed class TurnMailbox : MailboxType, IProducesMessageQueue<TurnMailbox.Queue>
{
    private readonly int _quota;

    /// <inheritdoc/>
    public TurnMailbox(Settings settings, Config config)
        : base(settings, config) => _quota = config.GetInt("turn-quota");

    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new Queue(_quota);

    /// <summary>The queue.</summary>
    /// <param name="quota">The messages after which a turn ends in any case.</param>
    public sealed class Queue(int quota) : IMessageQueue
    {
        private EnvelopeRing _ring = new();

        // Of the thread that runs the mailbox. Others may read it late: that costs an empty run at most, since the runner looks itself.
        private int _handled;

        /// <inheritdoc/>
        public bool HasMessages => _handled > 0 || _ring.Count > 0;

        /// <inheritdoc/>
        public int Count => _ring.Count;

        /// <inheritdoc/>
        public void Enqueue(IActorRef receiver, Envelope envelope) => _ring.Add(envelope);

        /// <inheritdoc/>
        public bool TryDequeue(out Envelope envelope)
        {
            if (_handled < quota && _ring.TryTake(out envelope))
            {
                _handled++;
                return true;
            }

            if (_handled == 0)
            {
                envelope = default;
                return false;
            }

            _handled = 0;
            envelope = new Envelope(TurnEnded.Instance, ActorRefs.NoSender);
            return true;
        }

        /// <inheritdoc/>
        public void CleanUp(IActorRef owner, IMessageQueue deadletters)
        {
            while (_ring.TryTake(out var left))
            {
                deadletters.Enqueue(owner, left);
            }
        }
    }
}

/// <summary>The last message of a turn: what it gathered is to be flushed. Given by <see cref="TurnMailbox"/>, told by nobody.</summary>
public sealed class TurnEnded : INotInfluenceReceiveTimeout, IDeadLetterSuppression
{
    private TurnEnded()
    {
    }

    /// <summary>The one instance.</summary>
    public static TurnEnded Instance { get; } = new();
}
