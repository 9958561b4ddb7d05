using System.Diagnostics;
using System.Globalization;
using ClusterChat.RoomActors.Journal;
using ClusterChat.Storage.Sqlite;

namespace ClusterChat.Bench.Durable;

/// <summary>Commits of a few events that come at a rate, none before the one before was answered.</summary>
/// <param name="Rate">Commits a second.</param>
/// <param name="User">Of this process, in µs a commit; the load's own part is in it.</param>
/// <param name="System">In the kernel on its behalf.</param>
/// <param name="Kernel">Of the kernel's own threads, whoever they work for.</param>
/// <param name="Threads">By the threads' names.</param>
/// <param name="P50">Milliseconds from the call to the answer.</param>
/// <param name="P99">The same.</param>
internal sealed record CommitRun(double Rate, double User, double System, double Kernel, IReadOnlyList<(string Name, double Cpu)> Threads, double P50, double P99)
{
    public static async Task<CommitRun> MeasureAsync(
        string parent, int rate, int events, int rooms, int stored, TimeSpan time, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"clusterchat-commit-{Environment.ProcessId}")).FullName;
        try
        {
            await using var journal = new SqliteJournal(new SqliteStorageOptions { Folder = folder }, TimeProvider.System);
            await journal.StartAsync(cancellationToken);
            var room = new OpenRooms(journal, rooms);
            await room.FillAsync(stored, cancellationToken);
            await CommitAsync(room, rate, events, time, cancellationToken);

            var (cpu, kernel, threads) = (Environment.CpuUsage, KernelTime(), ThreadTimes());
            var watch = Stopwatch.StartNew();
            var times = await CommitAsync(room, rate, events, time, cancellationToken);
            var seconds = watch.Elapsed.TotalSeconds;
            var (cpu2, kernel2, threads2) = (Environment.CpuUsage, KernelTime(), ThreadTimes());
            times.Sort();
            return new CommitRun(
                times.Count / seconds,
                (cpu2.UserTime - cpu.UserTime).TotalMicroseconds / times.Count,
                (cpu2.PrivilegedTime - cpu.PrivilegedTime).TotalMicroseconds / times.Count,
                (kernel2 - kernel).TotalMicroseconds / times.Count,
                [.. threads2.Select(t => (t.Key, Cpu: (t.Value - threads.GetValueOrDefault(t.Key)).TotalMicroseconds / times.Count)).Where(t => t.Cpu >= 1).OrderByDescending(t => t.Cpu)],
                times[times.Count / 2],
                times[times.Count * 99 / 100]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<double>> CommitAsync(OpenRooms rooms, int rate, int events, TimeSpan time, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var due = TimeSpan.FromSeconds((double)times.Count / rate);
            while (due - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left)
                Thread.Sleep(Math.Max(1, (int)left.TotalMilliseconds));
            var before = Stopwatch.GetTimestamp();
            await rooms.CommitAsync(events, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        return times;
    }

    private static Dictionary<string, TimeSpan> ThreadTimes() => Directory.EnumerateDirectories("/proc/self/task")
        .GroupBy(thread => Read(thread, "comm").Trim(), StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => CpuOf(g), StringComparer.Ordinal);

    // They have no command line: write-back, the file system's journal, the disk's queue.
    private static TimeSpan KernelTime() => CpuOf(Directory.EnumerateDirectories("/proc")
        .Where(process => char.IsAsciiDigit(Path.GetFileName(process)[0]) && Read(process, "cmdline").Length == 0));

    private static TimeSpan CpuOf(IEnumerable<string> tasks) => TimeSpan.FromTicks(
        tasks.Sum(task => long.TryParse(Read(task, "schedstat").Split(' ')[0], CultureInfo.InvariantCulture, out var time) ? time : 0) / TimeSpan.NanosecondsPerTick);

    private static string Read(string task, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, file));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return string.Empty;
        }
    }
}
