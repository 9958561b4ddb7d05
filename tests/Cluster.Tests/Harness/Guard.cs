namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>Bounds every wait of these tests: an event that does not come fails the test and says what was waited for.</summary>
internal static class Guard
{
    /// <summary>Far above what anything here takes; a busy machine is no failure.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<T> Within<T>(this Task<T> task, string what, TimeSpan? limit = null)
    {
        await ((Task)task).Within(what, limit);
        return await task;
    }

    public static async Task Within(this Task task, string what, TimeSpan? limit = null)
    {
        var most = limit ?? Limit;
        try
        {
            await task.WaitAsync(most, TimeProvider.System);
        }
        catch (TimeoutException error) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Not within {most.TotalSeconds} s: {what}", error);
        }
    }
}
