namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>A cell whose message type does not matter: what parents and the system keep.</summary>
internal interface IActorCell
{
    Task Stopped { get; }

    void Stop();

    /// <summary>Called by a child from its last turn.</summary>
    void ChildStopped(IActorCell child);
}
