namespace ClusterChat.Bench;

/// <summary>The members of all rooms, spread over the nodes; the first one of each room is on the first node.</summary>
internal sealed class Crowd(Load load, ServerGroup servers) : IDisposable
{
    /// <summary>Connections that are made at the same time.</summary>
    private const int Connecting = 64;

    // Below SignalR's 30 s, after which it takes a client that says nothing for gone.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    private readonly Client[] _clients = new Client[load.Rooms * load.Members];

    public IReadOnlyList<Client> Clients => _clients;

    /// <summary>Connects and joins the members of some rooms.</summary>
    public Task ConnectAsync(int firstRoom, int rooms, CancellationToken cancellationToken) => Parallel.ForAsync(
        firstRoom * load.Members,
        (firstRoom + rooms) * load.Members,
        new ParallelOptions { MaxDegreeOfParallelism = Connecting, CancellationToken = cancellationToken },
        ConnectAsync);

    /// <summary>Lets all clients tell that they live, until it is cancelled.</summary>
    public async Task KeepAliveAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(KeepAlive, TimeProvider.System, cancellationToken);
                Array.ForEach(_clients, c => c?.KeepAlive());
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    public void Dispose() => Array.ForEach(_clients, c => c?.Dispose());

    private async ValueTask ConnectAsync(int i, CancellationToken cancellationToken)
    {
        var (room, member) = Math.DivRem(i, load.Members);
        var client = new Client(servers.Dialect);
        var ports = servers.Ports;
        await client.ConnectAsync(ports[member % ports.Count], i, load.RoomName(room), cancellationToken);
        await client.JoinAsync($"u{member}", load.RoomName(room), cancellationToken);
        _clients[i] = client;
    }
}
