using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ClusterChat.Weaver;

/// <summary>What cannot stay in a world of one thread and virtual time: threads, the pool, real timers, real clocks, chance, and blocking.</summary>
internal static class EscapeRules
{
    private static readonly string[] Prefixes =
    [
        // Threads and the pool.
        "System.Threading.ThreadPool::", "System.Threading.Thread::.ctor", "System.Threading.Tasks.Parallel::", "System.Threading.Tasks.Task::Run(",
        "System.Threading.Tasks.TaskFactory::StartNew(", "System.Threading.Tasks.TaskFactory`1::StartNew(", "System.Threading.Tasks.TaskScheduler::get_Default(",
        // Real timers.
        "System.Threading.Timer::.ctor", "System.Timers.Timer::.ctor", "System.Threading.PeriodicTimer::.ctor", "System.Threading.Tasks.Task::Delay(",
        "System.Threading.CancellationTokenSource::CancelAfter(", "System.Threading.CancellationTokenSource::.ctor(System.Int32",
        "System.Threading.CancellationTokenSource::.ctor(System.TimeSpan", "System.Threading.Tasks.Task::WaitAsync(System.TimeSpan",
        "System.Threading.Tasks.Task`1::WaitAsync(System.TimeSpan", "System.TimeProvider::get_System(",
        // Clocks.
        "System.DateTime::get_UtcNow(", "System.DateTime::get_Now(", "System.DateTime::get_Today(", "System.DateTimeOffset::get_UtcNow(",
        "System.DateTimeOffset::get_Now(", "System.Environment::get_TickCount", "System.Diagnostics.Stopwatch::GetTimestamp(",
        "System.Diagnostics.Stopwatch::GetElapsedTime(", "System.Diagnostics.Stopwatch::get_Elapsed",
        // Chance.
        "System.Guid::NewGuid(", "System.Guid::CreateVersion7(", "System.Random::.ctor()", "System.Random::get_Shared(",
        "System.Security.Cryptography.RandomNumberGenerator::", "System.Runtime.CompilerServices.RuntimeHelpers::GetHashCode(",
        // Blocking.
        "System.Threading.Tasks.Task::Wait(", "System.Threading.Tasks.Task::WaitAll(", "System.Threading.Tasks.Task::WaitAny(",
        "System.Threading.Tasks.Task`1::get_Result(", "System.Threading.Tasks.ValueTask`1::get_Result(", "System.Threading.Thread::Sleep(",
        "System.Threading.Thread::Join(", "System.Threading.Monitor::Wait(", "System.Threading.WaitHandle::Wait", "System.Threading.SemaphoreSlim::Wait(",
        "System.Threading.ManualResetEventSlim::Wait(", "System.Threading.CountdownEvent::Wait(", "System.Threading.Barrier::SignalAndWait(",
        "System.Collections.Concurrent.BlockingCollection`1::Add(", "System.Collections.Concurrent.BlockingCollection`1::Take(",
        "System.Collections.Concurrent.BlockingCollection`1::TryAdd(", "System.Collections.Concurrent.BlockingCollection`1::TryTake(",
        // Continuations elsewhere.
        "System.Threading.Tasks.Task::ConfigureAwait(", "System.Threading.Tasks.Task`1::ConfigureAwait(", "System.Threading.Tasks.ValueTask::ConfigureAwait(",
        "System.Threading.Tasks.ValueTask`1::ConfigureAwait(",
    ];

    private static readonly string[] Awaiters =
    [
        "System.Runtime.CompilerServices.TaskAwaiter", "System.Runtime.CompilerServices.ValueTaskAwaiter",
        "System.Runtime.CompilerServices.ConfiguredTaskAwaitable", "System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable",
    ];

    /// <summary>Whether a call that no hook replaces leaves the simulation.</summary>
    public static bool IsEscape(string key) => Prefixes.Any(p => key.StartsWith(p, StringComparison.Ordinal));

    /// <summary>
    /// Whether a method takes the outcome of tasks that may not be there. An await looks at IsCompleted before each GetResult; a method that
    /// has more of these than of those blocks.
    /// </summary>
    public static bool BlocksByAwaiter(MethodBody body) => Count(body, "GetResult") > Count(body, "get_IsCompleted");

    private static int Count(MethodBody body, string name) => body.Instructions.Count(i => i.Operand is MethodReference called && called.Name == name
        && Awaiters.Any(a => called.DeclaringType.FullName.StartsWith(a, StringComparison.Ordinal)));
}
