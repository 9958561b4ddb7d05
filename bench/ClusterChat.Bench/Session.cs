using System.Diagnostics;

namespace ClusterChat.Bench;

/// <summary>One run: connects clients, lets them publish, and measures.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly ServerGroup _servers;
    private readonly Crowd _crowd;
    private readonly Counters _counters = new();
    private readonly IReadOnlyList<Publisher> _publishers;
    private readonly CancellationTokenSource _stop;
    private readonly List<Task> _running = [];
    private Pacer? _pacer;

    private Session(Load load, ServerGroup servers, Crowd crowd, CancellationToken cancellationToken)
    {
        _servers = servers;
        _crowd = crowd;
        _publishers = [.. Enumerable.Range(0, load.Rooms).Select(room => new Publisher(crowd.Clients[room * load.Members], load, room))];
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        for (var i = 0; i < crowd.Clients.Count; i++)
        {
            var client = crowd.Clients[i];
            var (room, member) = Math.DivRem(i, load.Members);
            var reader = new MessageReader(client.Dialect, _counters, member == 0 ? _publishers[room].Acked : null);
            _running.Add(WatchAsync(client.ReadAsync(reader, _stop.Token)));
        }

        _running.Add(crowd.KeepAliveAsync(_stop.Token));
    }

    /// <summary>Connects and joins all clients, and has them read. Nothing is published yet.</summary>
    public static async Task<Session> ConnectAsync(Load load, ServerGroup servers, CancellationToken cancellationToken)
    {
        var crowd = new Crowd(load, servers);
        await crowd.ConnectAsync(0, load.Rooms, cancellationToken);
        var session = new Session(load, servers, crowd, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        return session;
    }

    /// <summary>Publishes for a while and then measures. It can be called again with another rate, not in the closed loop.</summary>
    /// <param name="rate">Messages a second; 0 for the closed loop.</param>
    /// <param name="warmUp">How long before.</param>
    /// <param name="time">How long to measure.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result> MeasureAsync(int rate, TimeSpan warmUp, TimeSpan time, CancellationToken cancellationToken)
    {
        Publish(rate);
        await Task.Delay(warmUp, TimeProvider.System, cancellationToken);
        _counters.Reset();
        var acked = _publishers.Sum(p => p.AckedCount);
        var (cpu, database) = (_servers.CpuTime, _servers.DatabaseCpuTime);
        var watch = Stopwatch.StartNew();
        await Task.Delay(time, TimeProvider.System, cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        (cpu, database) = (_servers.CpuTime - cpu, _servers.DatabaseCpuTime - database);
        var delivered = _counters.DeliveredCount;
        acked = _publishers.Sum(p => p.AckedCount) - acked;
        return new Result(
            acked / seconds,
            delivered / seconds,
            cpu.TotalMicroseconds / Math.Max(1, delivered),
            database.TotalMicroseconds / Math.Max(1, delivered),
            _counters.Latencies.Milliseconds(0.5),
            _counters.Latencies.Milliseconds(0.99),
            _counters.Latencies.Milliseconds(0.999),
            _counters.RefusedCount,
            _counters.LostCount);
    }

    public async ValueTask DisposeAsync()
    {
        _pacer?.Stop();
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _crowd.Dispose();
        _stop.Dispose();
    }

    private void Publish(int rate)
    {
        if (rate > 0)
        {
            (_pacer ??= new Pacer(_publishers, rate)).Rate = rate;
        }
        else
        {
            _running.AddRange(_publishers.Select(p => p.RunAsync(_stop.Token)));
        }
    }

    private async Task WatchAsync(Task<bool> reading)
    {
        if (!await reading)
        {
            _counters.Lost();
        }
    }
}
