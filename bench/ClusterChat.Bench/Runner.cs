using System.Diagnostics;

namespace ClusterChat.Bench;

/// <summary>Connects the clients, publishes, and measures.</summary>
internal static class Runner
{
    public static async Task<Result> RunAsync(Load load, ServerProcess server, CancellationToken cancellationToken)
    {
        var counters = new Counters();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var clients = new List<Client>();
        var publishers = new List<Publisher>();
        var empty = server.ResidentBytes;
        for (var room = 0; room < load.Rooms; room++)
        {
            for (var member = 0; member < load.Members; member++)
            {
                var client = new Client(counters, server.Dialect);
                await client.ConnectAsync(server.Port, clients.Count, load.RoomName(room), cancellationToken);
                await client.JoinAsync($"u{member}", load.RoomName(room), cancellationToken);
                clients.Add(client);
                if (member == 0)
                {
                    publishers.Add(new Publisher(client, load, room));
                }
            }
        }

        var reading = clients.Select(c => c.ReadAsync(stop.Token)).ToList();
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        var resident = server.ResidentBytes - empty;
        var publishing = publishers.Select(p => p.RunAsync(stop.Token)).ToList();
        await Task.Delay(load.WarmUp, TimeProvider.System, cancellationToken);

        counters.Reset();
        var acked = publishers.Sum(p => p.AckedCount);
        var cpu = server.CpuTime;
        var watch = Stopwatch.StartNew();
        await Task.Delay(load.Time, TimeProvider.System, cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        cpu = server.CpuTime - cpu;
        var delivered = counters.DeliveredCount;
        acked = publishers.Sum(p => p.AckedCount) - acked;
        var result = new Result(
            acked / seconds,
            delivered / seconds,
            cpu.TotalMicroseconds / Math.Max(1, delivered),
            counters.Percentile(0.5),
            counters.Percentile(0.99),
            counters.Percentile(0.999),
            resident / 1024.0 / clients.Count,
            counters.RefusedCount);
        await stop.CancelAsync();
        await Task.WhenAll(publishing);
        await Task.WhenAll(reading);
        clients.ForEach(c => c.Dispose());
        return result;
    }
}
