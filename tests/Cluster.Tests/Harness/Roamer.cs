using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>
/// A client of a cluster through all of its connections: where one ends, or is asked to go elsewhere, it goes to another
/// gateway, joins where it was, sends again what was not acked, and talks on.
/// </summary>
/// <param name="name">The guest's name.</param>
/// <param name="rooms">The rooms that it is in.</param>
/// <param name="ledger">Takes what it sends, and the acks.</param>
/// <param name="group">Where to go.</param>
/// <param name="home">Which gateway it begins with.</param>
/// <param name="pace">How often it sends, whether or not its earlier messages are acked; null for each time when they are.</param>
internal sealed class Roamer(string name, string[] rooms, Ledger ledger, NodeGroup group, int home, TimeSpan? pace = null) : IAsyncDisposable
{
    private const int LooksAMessage = 10;

    private readonly ConcurrentDictionary<string, RoomTrace> _traces = new(StringComparer.Ordinal);
    private string? _session;
    private int _turn = home;
    private int _sent;
    private int _acks;
    private volatile bool _drained;
    private volatile bool _stopping;

    public string Name => name;

    public IReadOnlyList<string> Rooms => rooms;

    public ChatClient Client { get; private set; } = null!;

    /// <summary>The gateway that it is connected to.</summary>
    public int Port { get; private set; }

    public int Acks => Volatile.Read(ref _acks);

    public int Connections { get; private set; }

    public async Task ConnectAsync()
    {
        if (Client is not null)
            await Client.DisposeAsync();
        _drained = false;
        var gateways = group.Gateways;
        Port = gateways[_turn++ % gateways.Length];
        Client = await ChatClient.ConnectAsync(Port, name, _session, _traces, OnLine);
        if (_session is not null)
            Client.Session.ShouldBe(_session, "one session is good at all gateways");
        _session = Client.Session;
        Connections++;
        foreach (var room in rooms)
            await Client.JoinAsync(room, limit: 200);
    }

    /// <summary>Talks until <see cref="Stop"/>, and then until all is acked.</summary>
    public async Task TalkAsync()
    {
        var connect = Client is null;
        while (true)
        {
            try
            {
                if (connect)
                {
                    await ConnectAsync();
                    var unacked = ledger.Unacked(name);
                    if (unacked.Count > 0)
                        await Client!.WriteAsync(unacked.Select(Line));
                }

                if (await (pace is { } p ? TalkPacedAsync(p) : TalkHereAsync()))
                    return;
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                // The gateway is gone; there are others.
            }

            connect = true;
        }
    }

    public void Stop()
    {
        _stopping = true;
        Client.Changed.Pulse();
    }

    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
            await Client.DisposeAsync();
    }

    /// <returns>Whether all is done; if not, it has to go elsewhere.</returns>
    private async Task<bool> TalkHereAsync()
    {
        var client = Client;
        while (true)
        {
            if (!_stopping && ledger.UnackedCount(name) == 0)
                await client.WriteAsync(Line(Next()));
            await client.Changed.WaitAsync(() => client.Closed.IsCompleted || _drained || ledger.UnackedCount(name) == 0).Within($"an ack for {name} at {Port}");
            if (_stopping && ledger.UnackedCount(name) == 0)
                return true;
            if (client.Closed.IsCompleted || _drained)
                return false;
        }
    }

    /// <returns>As <see cref="TalkHereAsync"/>.</returns>
    private async Task<bool> TalkPacedAsync(TimeSpan every)
    {
        var client = Client;
        using var timer = new PeriodicTimer(every / LooksAMessage);
        for (var look = _turn; await timer.WaitForNextTickAsync(); look++)
        {
            if (_stopping && ledger.UnackedCount(name) == 0)
                return true;
            if (client.Closed.IsCompleted || _drained)
                return false;
            if (!_stopping && look % LooksAMessage == 0)
                await client.WriteAsync(Line(Next()));
        }

        return true;
    }

    private void OnLine(JsonElement line)
    {
        ledger.OnLine(line);
        switch (line.GetProperty("t").GetString())
        {
            case "joined":
                foreach (var message in line.GetProperty("msgs").EnumerateArray())
                    ledger.OnLine(message);
                break;
            case "ack":
                Interlocked.Increment(ref _acks);
                break;
            case "drain":
                _drained = true;
                break;
        }
    }

    private SentWrite Next()
    {
        var n = ++_sent;
        var mid = string.Create(CultureInfo.InvariantCulture, $"{name}-{n}");
        return ledger.Add(new SentWrite(name, rooms[n % rooms.Length], mid, $"text of {mid} ✓"));
    }

    private static string Line(SentWrite write)
        => new JsonObject { ["t"] = "send", ["id"] = 1_000_000, ["room"] = write.Room, ["mid"] = write.Mid, ["text"] = write.Text }.ToJsonString();
}
