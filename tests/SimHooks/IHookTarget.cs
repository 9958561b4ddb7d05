namespace ClusterChat.SimHooks;

/// <summary>What woven code asks instead of the machine: the simulated process that runs on this thread.</summary>
public interface IHookTarget
{
    /// <summary>The wall clock.</summary>
    DateTime UtcNow { get; }

    /// <summary>Time since the beginning of the world; never goes back.</summary>
    TimeSpan Monotonic { get; }

    /// <summary>For GUIDs, and the seeds of other sources of chance.</summary>
    Random Random { get; }

    /// <summary>Where tasks go that would go to the thread pool.</summary>
    TaskScheduler Tasks { get; }

    /// <summary>For delays and cancellations after a time.</summary>
    TimeProvider Clock { get; }

    /// <summary>Runs other works of the world, on this stack, until the task is complete.</summary>
    /// <param name="until">What the caller would block for.</param>
    /// <param name="max">How long in virtual time; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>Whether it is complete. Without a limit false means that nothing is left that could run.</returns>
    bool Pump(Task until, TimeSpan max);
}
