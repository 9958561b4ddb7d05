namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>Puts tasks of a process (continuations of awaits, ContinueWith, StartNew) into the world's queue.</summary>
internal sealed class SimTaskScheduler(SimNode node) : TaskScheduler
{
    public override int MaximumConcurrencyLevel => 1;

    internal void Run(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task) => node.Schedule(task);

    // In the process itself only: what continues in line with another one's task must not run in that one's name.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && SimNode.Current == node && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
