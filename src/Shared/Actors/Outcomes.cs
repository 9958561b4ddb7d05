using Akka.Actor;
using Akka.Event;

namespace ClusterChat.Actors;

/// <summary>What became of an operation that an actor began, for that instance of it: after a restart nobody takes it any more.</summary>
/// <param name="Asker">The instance that began it.</param>
/// <param name="Message">What it made of the outcome.</param>
public sealed record Outcome(ActorBase Asker, object Message) : IDeadLetterSuppression;

/// <summary>Turns the outcomes of operations into messages.</summary>
public static class Outcomes
{
    /// <summary>
    /// Tells an actor the outcome of an operation, as an <see cref="Outcome"/>. Also what throws before it has begun is an outcome. To be called in the actor's own
    /// turn. It is Akka's PipeTo, with two things more: the outcome names the instance that asked, and an await goes on where it was
    /// begun, which keeps it in the thread of a simulation.
    /// </summary>
    /// <param name="asker">The actor, <c>this</c>.</param>
    /// <param name="self">Its reference.</param>
    /// <param name="operation">Begins the operation.</param>
    /// <param name="success">Makes a message of its result.</param>
    /// <param name="failure">Makes a message of an error.</param>
    public static void Pipe<T>(this ActorBase asker, IActorRef self, Func<ValueTask<T>> operation, Func<T, object> success, Func<Exception, object> failure)
    {
        ValueTask<T> task;
        try
        {
            task = operation();
        }
        catch (Exception error)
        {
            self.Tell(new Outcome(asker, failure(error)), ActorRefs.NoSender);
            return;
        }

        if (task.IsCompletedSuccessfully)
        {
            self.Tell(new Outcome(asker, success(task.Result)), ActorRefs.NoSender);
            return;
        }

        _ = task.PipeTo(self, useConfigureAwait: true, ActorRefs.NoSender, result => new Outcome(asker, success(result)), error => new Outcome(asker, failure(error)));
    }
}
