using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace ClusterChat.Actors;

/// <summary>A mailbox that takes next to nothing while it is empty, for actors of which a node has a hundred thousand: <see cref="MailboxNames.Small"/>.</summary>
public sealed class SmallMailbox : MailboxType, IProducesMessageQueue<SmallMailbox.Queue>
{
    /// <inheritdoc/>
    public SmallMailbox(Settings settings, Config config)
        : base(settings, config)
    {
    }

    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new Queue();

    /// <summary>The queue.</summary>
    public sealed class Queue : IMessageQueue
    {
        private EnvelopeRing _ring = new();

        /// <inheritdoc/>
        public bool HasMessages => _ring.Count > 0;

        /// <inheritdoc/>
        public int Count => _ring.Count;

        /// <inheritdoc/>
        public void Enqueue(IActorRef receiver, Envelope envelope) => _ring.Add(envelope);

        /// <inheritdoc/>
        public bool TryDequeue(out Envelope envelope) => _ring.TryTake(out envelope);

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
