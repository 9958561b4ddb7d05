using System.Diagnostics;

namespace ClusterChat.Bench.Durable;

/// <summary>Batches one after the other, with nothing else going on.</summary>
/// <param name="Rate">Rows a second.</param>
/// <param name="CommitMilliseconds">The median time of a batch, from its first statement to the end of its commit.</param>
/// <param name="CpuMicroseconds">The CPU time of this process for each row.</param>
/// <param name="DatabaseMicroseconds">That of PostgreSQL's processes.</param>
internal sealed record BatchRun(double Rate, double CommitMilliseconds, double CpuMicroseconds, double DatabaseMicroseconds)
{
    public static async Task<BatchRun> MeasureAsync(IBatches batches, Database? database, TimeSpan warmUp, TimeSpan time)
    {
        long seq = 0;
        await CommitForAsync(warmUp);
        var (cpu, databaseCpu) = (Environment.CpuUsage.TotalTime, CpuOf(database));
        var watch = Stopwatch.StartNew();
        var commits = await CommitForAsync(time);
        var seconds = watch.Elapsed.TotalSeconds;
        double rows = commits.Count * Rows.Batch;
        return new BatchRun(
            rows / seconds,
            commits.Median(c => c.TotalMilliseconds),
            (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / rows,
            (CpuOf(database) - databaseCpu).TotalMicroseconds / rows);

        async Task<List<TimeSpan>> CommitForAsync(TimeSpan limit)
        {
            var times = new List<TimeSpan>();
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < limit || times.Count == 0)
            {
                var before = Stopwatch.GetTimestamp();
                await batches.CommitAsync(++seq);
                times.Add(Stopwatch.GetElapsedTime(before));
            }

            return times;
        }
    }

    private static TimeSpan CpuOf(Database? database) => database?.CpuTime ?? TimeSpan.Zero;
}
