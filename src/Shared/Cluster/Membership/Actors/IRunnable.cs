namespace ClusterChat.Cluster.Membership.Actors;

/// <summary>Work for a dispatcher. It is a thread pool work item itself, so that scheduling it allocates nothing.</summary>
public interface IRunnable : IThreadPoolWorkItem
{
    /// <summary>Does not throw, and does not block.</summary>
    void Run();

    void IThreadPoolWorkItem.Execute() => ThreadPoolDispatcher.Execute(this);
}
