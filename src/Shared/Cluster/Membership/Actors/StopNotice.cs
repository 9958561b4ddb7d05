namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>
/// Completes <see cref="IActorRef{TMessage}.Stopped"/> as a work of its own. Continuations thus run neither in a turn nor, as
/// they would with <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/>, on the thread pool behind the dispatcher's
/// back: in a simulation they stay in its thread.
/// </summary>
internal sealed class StopNotice(string name) : TaskCompletionSource, IRunnable
{
    public void Run() => TrySetResult();

    public override string ToString() => $"{name} stopped";
}
