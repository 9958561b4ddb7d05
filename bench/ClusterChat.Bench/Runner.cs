using System.Diagnostics;
using System.Globalization;

namespace ClusterChat.Bench;

/// <summary>Connects the clients, publishes, and measures.</summary>
internal static class Runner
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static async Task<string> RunAsync(Load load, ServerProcess server, CancellationToken cancellationToken)
    {
        var counters = new Counters();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var clients = new List<Client>();
        var publishers = new List<Publisher>();
        var reading = new List<Task>();
        for (var room = 0; room < load.Rooms; room++)
        {
            for (var member = 0; member < load.Members; member++)
            {
                var client = new Client(counters);
                await client.ConnectAsync(server.Port, clients.Count, cancellationToken);
                await client.JoinAsync($"u{member}", load.RoomName(room), cancellationToken);
                clients.Add(client);
                if (member == 0)
                {
                    publishers.Add(new Publisher(client, load, room));
                }
            }
        }

        reading.AddRange(clients.Select(c => c.ReadAsync(stop.Token)));
        var resident = server.ResidentBytes;
        var publishing = publishers.Select(p => p.RunAsync(stop.Token)).ToList();
        await Task.Delay(WarmUp, TimeProvider.System, cancellationToken);

        counters.Reset();
        var acked = publishers.Sum(p => p.AckedCount);
        var cpu = server.CpuTime;
        var watch = Stopwatch.StartNew();
        await Task.Delay(load.Time, TimeProvider.System, cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        cpu = server.CpuTime - cpu;
        var delivered = counters.DeliveredCount;
        acked = publishers.Sum(p => p.AckedCount) - acked;
        var result = string.Create(
            CultureInfo.InvariantCulture,
            $"{load.Rooms} x {load.Members} members, {(load.Memory ? "memory" : "durable")}: {acked / seconds:N0} acked/s, {delivered / seconds:N0} deliveries/s, "
            + $"server CPU {cpu.TotalMicroseconds / Math.Max(1, delivered):N2} us a delivery ({cpu.TotalSeconds / seconds:P0} of a core), "
            + $"latency p50 {counters.Percentile(0.5):N2} ms, p99 {counters.Percentile(0.99):N2} ms, {counters.RefusedCount} refused, "
            + $"{resident / 1024.0 / 1024:N0} MB resident with {clients.Count} idle clients");
        await stop.CancelAsync();
        await Task.WhenAll(publishing);
        await Task.WhenAll(reading);
        clients.ForEach(c => c.Dispose());
        return result;
    }
}
