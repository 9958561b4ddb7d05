using Akka.Actor;

namespace ClusterChat.Actors;

/// <summary>What an <see cref="ActorDirectory{TEntry}"/> keeps of an actor: its reference, and the gate of what is told by name.</summary>
public abstract class ActorEntry
{
    private MailboxGate _gate;

    /// <summary>The actor. Set by who starts it, before anyone else sees this object.</summary>
    public IActorRef Actor { get; set; } = ActorRefs.Nobody;

    /// <summary>Whether it takes nothing any more, and has to be replaced.</summary>
    public bool IsClosed => _gate.IsClosed;

    /// <summary>Tells the actor something that it counts with <see cref="Taken"/>. Any thread.</summary>
    /// <param name="message">What.</param>
    /// <param name="capacity">How many such messages may wait.</param>
    /// <returns>False: it was not told, see <see cref="IsClosed"/>.</returns>
    public bool TryTell(object message, int capacity)
    {
        if (!_gate.TryEnter(capacity))
        {
            return false;
        }

        Actor.Tell(message, ActorRefs.NoSender);
        return true;
    }

    /// <summary>The actor came to a message that was counted.</summary>
    public void Taken() => _gate.Leave();

    /// <summary>The actor stops: nothing is told any more.</summary>
    public void Close() => _gate.Close();

    /// <summary>The actor stops if nothing that is counted waits.</summary>
    /// <returns>True: nothing was lost, and nothing is told any more.</returns>
    public bool TryClose() => _gate.TryCloseIfEmpty();
}
