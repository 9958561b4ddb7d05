namespace ClusterChat.TestKit;

/// <summary>
/// Keeps awaits in a process: continuations of tasks that were awaited in it are works of it. A task scheduler, and not a synchronization context:
/// that is what an await in one of Akka's own async handlers goes by.
/// </summary>
internal sealed class SimulatedTasks(Action<Action<object?>, object?> schedule) : TaskScheduler
{
    [ThreadStatic]
    private static SimulatedTasks? _running;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs something so that what it awaits comes back here.</summary>
    public void Run(Action<object?> action, object? state)
    {
        var outer = _running;
        _running = this;
        try
        {
            var task = new Task(action, state);
            task.RunSynchronously(this);
            task.GetAwaiter().GetResult();
        }
        finally
        {
            _running = outer;
        }
    }

    protected override void QueueTask(Task task) => schedule(static work => ((Queued)work!).Run(), new Queued(this, task));

    // Only in the process itself: what another one's step completes must not run in that one's name.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
        => !taskWasPreviouslyQueued && _running == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private sealed record Queued(SimulatedTasks Tasks, Task Task)
    {
        public void Run()
        {
            var outer = _running;
            _running = Tasks;
            try
            {
                Tasks.TryExecuteTask(Task);
            }
            finally
            {
                _running = outer;
            }
        }
    }
}
