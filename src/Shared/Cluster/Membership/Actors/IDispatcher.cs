namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>
/// Decides when and where turns run. Each <see cref="Schedule"/> leads to one <see cref="IRunnable.Run"/>, later, never on the
/// caller's stack; what the caller wrote before is visible to it. No order between different works is promised.
/// </summary>
public interface IDispatcher
{
    /// <summary>Runs a work later.</summary>
    void Schedule(IRunnable work);

    /// <summary>Runs a work later, beside the caller if there is a thread for it: for a helper.</summary>
    void ScheduleApart(IRunnable work) => Schedule(work);

    /// <summary>
    /// Runs a work now, and where it helps also what that schedules, before it returns: for who brings something from
    /// outside, such as the bytes of a socket, and has nothing better to do. The caller holds no lock.
    /// </summary>
    void Execute(IRunnable work) => work.Run();
}
