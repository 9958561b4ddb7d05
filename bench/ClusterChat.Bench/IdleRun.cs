namespace ClusterChat.Bench;

/// <summary>
/// The memory of one idle, joined connection, in KB: that of the server with all of them less that with one room of them,
/// which has brought in the code that they run through.
/// </summary>
/// <param name="Resident">As it is when it has come to rest.</param>
/// <param name="Collected">The same, after a full collection.</param>
/// <param name="Proportional">After it; what is shared with other processes counted in parts.</param>
/// <param name="Private">After it; without what is shared.</param>
/// <param name="Total">After it; the resident memory of the whole server, in MB.</param>
/// <param name="Lost">Connections that the server ended.</param>
internal sealed record IdleRun(double Resident, double Collected, double Proportional, double Private, double Total, int Lost)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>What comes later than this is a leak, or another's business.</summary>
    private const int MostLooks = 30;

    public static async Task<IdleRun> MeasureAsync(Load load, Func<Task<ServerGroup>> start, CancellationToken cancellationToken)
    {
        await using var servers = await start();
        using var crowd = new Crowd(load, servers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keepingAlive = crowd.KeepAliveAsync(stop.Token);
        await crowd.ConnectAsync(0, 1, cancellationToken);
        var ignoring = Ignore(crowd.Clients.Take(load.Members), stop.Token);
        var before = await SettleAsync(servers, cancellationToken);
        await servers.CollectAsync(cancellationToken);
        var collectedBefore = await SettleAsync(servers, cancellationToken);

        await crowd.ConnectAsync(1, load.Rooms - 1, cancellationToken);
        ignoring.AddRange(Ignore(crowd.Clients.Skip(load.Members), stop.Token));
        var after = await SettleAsync(servers, cancellationToken);
        await servers.CollectAsync(cancellationToken);
        var collected = await SettleAsync(servers, cancellationToken);
        var lost = ignoring.Count(i => i.IsCompleted);

        await stop.CancelAsync();
        await Task.WhenAll(ignoring);
        await keepingAlive;
        double added = (load.Rooms - 1) * load.Members * 1024;
        return new IdleRun(
            (after.Resident - before.Resident) / added,
            (collected.Resident - collectedBefore.Resident) / added,
            (collected.Proportional - collectedBefore.Proportional) / added,
            (collected.Private - collectedBefore.Private) / added,
            collected.Resident / 1024.0 / 1024.0,
            lost);
    }

    private static List<Task> Ignore(IEnumerable<Client> clients, CancellationToken cancellationToken) => [.. clients.Select(c => c.IgnoreAsync(cancellationToken))];

    /// <summary>Waits until the memory has not changed by more than half a percent for three seconds.</summary>
    private static async Task<ProcessMemory> SettleAsync(ServerGroup servers, CancellationToken cancellationToken)
    {
        var memory = servers.Memory;
        var quiet = 0;
        for (var look = 0; look < MostLooks && quiet < 3; look++)
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            var now = servers.Memory;
            quiet = Math.Abs(now.Resident - memory.Resident) <= memory.Resident / 200 ? quiet + 1 : 0;
            memory = now;
        }

        return memory;
    }
}
