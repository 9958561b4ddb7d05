using System.Runtime.CompilerServices;

namespace ClusterChat.SimHooks;

public static partial class Hooks
{
    /// <summary>Waits by running the others, within this call. The world takes it as one thread of a process does: the actor that blocks is in its turn all the while.</summary>
    /// <exception cref="InvalidOperationException">Nothing is left to run: it would block for good.</exception>
    [Replaces("System.Threading.Tasks.Task::Wait()")]
    public static void Wait(Task task)
    {
        PumpToEnd(task);
        task.Wait();
    }

    /// <inheritdoc cref="Wait(Task)"/>
    [Replaces("System.Threading.Tasks.Task::Wait(System.TimeSpan)")]
    public static bool Wait(Task task, TimeSpan timeout) =>
        _target is { } target ? target.Pump(task, timeout) && task.Wait(0) : task.Wait(timeout);

    /// <inheritdoc cref="Wait(Task)"/>
    [Replaces("System.Threading.Tasks.Task::Wait(System.Int32)")]
    public static bool Wait(Task task, int milliseconds) => Wait(task, TimeSpan.FromMilliseconds(milliseconds));

    /// <inheritdoc cref="Wait(Task)"/>
    [Replaces("System.Threading.Tasks.Task`1::get_Result()")]
    public static T Result<T>(Task<T> task)
    {
        PumpToEnd(task);
        return task.Result;
    }

    /// <summary>Continues in the process, whatever was asked for.</summary>
    [Replaces("System.Threading.Tasks.Task::ConfigureAwait(System.Boolean)")]
    public static ConfiguredTaskAwaitable ConfigureAwait(Task task, bool captures) => task.ConfigureAwait(captures || _target is not null);

    /// <inheritdoc cref="ConfigureAwait(Task, bool)"/>
    [Replaces("System.Threading.Tasks.Task`1::ConfigureAwait(System.Boolean)")]
    public static ConfiguredTaskAwaitable<T> ConfigureAwait<T>(Task<T> task, bool captures) => task.ConfigureAwait(captures || _target is not null);

    /// <inheritdoc cref="ConfigureAwait(Task, bool)"/>
    [Replaces("System.Threading.Tasks.ValueTask::ConfigureAwait(System.Boolean)")]
    public static ConfiguredValueTaskAwaitable ConfigureAwait(ref ValueTask task, bool captures) => task.ConfigureAwait(captures || _target is not null);

    /// <inheritdoc cref="ConfigureAwait(Task, bool)"/>
    [Replaces("System.Threading.Tasks.ValueTask`1::ConfigureAwait(System.Boolean)")]
    public static ConfiguredValueTaskAwaitable<T> ConfigureAwait<T>(ref ValueTask<T> task, bool captures) => task.ConfigureAwait(captures || _target is not null);

    /// <summary>The process's own instead of the thread pool.</summary>
    [Replaces("System.Threading.Tasks.TaskScheduler::get_Default()")]
    public static TaskScheduler DefaultScheduler() => _target?.Tasks ?? TaskScheduler.Default;

    /// <inheritdoc cref="DefaultScheduler"/>
    [Replaces("System.Threading.Tasks.Task::Run(System.Action)")]
    public static Task Run(Action action) => _target is { } t ? Start(action, t) : Task.Run(action);

    /// <inheritdoc cref="DefaultScheduler"/>
    [Replaces("System.Threading.Tasks.Task::Run(System.Func`1<!!0>)")]
    public static Task<T> Run<T>(Func<T> function) => _target is { } t ? Start(function, t) : Task.Run(function);

    /// <inheritdoc cref="DefaultScheduler"/>
    [Replaces("System.Threading.Tasks.Task::Run(System.Func`1<System.Threading.Tasks.Task>)")]
    public static Task Run(Func<Task> function) => _target is { } t ? Start(function, t).Unwrap() : Task.Run(function);

    /// <inheritdoc cref="DefaultScheduler"/>
    [Replaces("System.Threading.Tasks.Task::Run(System.Func`1<System.Threading.Tasks.Task`1<!!0>>)")]
    public static Task<T> Run<T>(Func<Task<T>> function) => _target is { } t ? Start(function, t).Unwrap() : Task.Run(function);

    /// <inheritdoc cref="DefaultScheduler"/>
    [Replaces("System.Threading.Tasks.Task::Run(System.Action,System.Threading.CancellationToken)")]
    public static Task Run(Action action, CancellationToken token) => _target is { } t ? Start(action, t, token) : Task.Run(action, token);

    /// <inheritdoc cref="DefaultScheduler"/>
    [Replaces("System.Threading.Tasks.Task::Run(System.Func`1<!!0>,System.Threading.CancellationToken)")]
    public static Task<T> Run<T>(Func<T> function, CancellationToken token) => _target is { } t ? Start(function, t, token) : Task.Run(function, token);

    private static Task Start(Action action, IHookTarget target, CancellationToken token = default) =>
        Task.Factory.StartNew(action, token, TaskCreationOptions.DenyChildAttach, target.Tasks);

    private static Task<T> Start<T>(Func<T> function, IHookTarget target, CancellationToken token = default) =>
        Task.Factory.StartNew(function, token, TaskCreationOptions.DenyChildAttach, target.Tasks);

    private static void PumpToEnd(Task task)
    {
        if (!task.IsCompleted && _target is { } target && !target.Pump(task, Timeout.InfiniteTimeSpan))
            throw new InvalidOperationException("A blocking wait is not over, and nothing is left to run in the simulation.");
    }
}
