namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>The actors of one node. In a simulation a process holds several systems, each with a clock of its own.</summary>
public interface IActorSystem
{
    TimeProvider Clock { get; }

    /// <summary>Where the actors' turns run.</summary>
    IDispatcher Dispatcher { get; }

    /// <summary>Starts an actor without a parent.</summary>
    /// <exception cref="InvalidOperationException">The system is stopping.</exception>
    IActorRef<T> Spawn<T>(ActorProps<T> props) where T : class;

    /// <summary>Whether it has been asked to stop: <see cref="Spawn"/> starts nothing any more.</summary>
    bool IsStopping { get; }

    /// <summary>Stops all actors, children before their parents; completes when the last one has stopped.</summary>
    Task StopAsync();

    /// <summary>How many messages and piped outcomes were for an actor that had stopped, or stopped before it came to them.</summary>
    long DeadLetters { get; }
}
