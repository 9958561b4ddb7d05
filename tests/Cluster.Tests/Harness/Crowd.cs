using System.Globalization;
using System.Text.Json;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>Many clients, spread over gateways and rooms, that talk all the time; and the check of what they saw.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private readonly NodeGroup _group;
    private readonly string[] _rooms;
    private readonly List<Roamer> _clients;
    private List<Task> _talking = [];

    public Crowd(NodeGroup group, int clients, int rooms, TimeSpan? pace = null, string prefix = "room-")
    {
        _group = group;
        _rooms = [.. Enumerable.Range(0, rooms).Select(i => string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}"))];
        _clients = [.. Enumerable.Range(0, clients).Select(i => new Roamer(
            string.Create(CultureInfo.InvariantCulture, $"c{i}"), [_rooms[i % rooms], _rooms[(i + 5) % rooms]], Ledger, group, i, pace))];
    }

    public Ledger Ledger { get; } = new();

    public IReadOnlyList<Roamer> Clients => _clients;

    /// <summary>All are in their rooms before the first one speaks, so each of them has to see everything.</summary>
    public async Task StartAsync()
    {
        await Task.WhenAll(_clients.Select(c => c.ConnectAsync()));
        _talking = [.. _clients.Select(c => c.TalkAsync())];
    }

    /// <summary>Waits until everybody had so many more acks.</summary>
    public async Task TalkOnAsync(int acks)
    {
        var before = _clients.ConvertAll(c => c.Acks);
        var talking = Task.WhenAny(_talking);
        var enough = Ledger.Changed.WaitAsync(() => _clients.Zip(before).All(c => c.First.Acks >= c.Second + acks));
        await Task.WhenAny(talking, enough).Within("acks for everybody");
        if (talking.IsCompleted)
            await await talking;
    }

    /// <summary>How long messages took from their sending to each of those who got them since the last call.</summary>
    public string TakeDelays()
    {
        var taken = Ledger.TakeDeliveries();
        return taken.Count == 0 ? "nothing" : string.Create(
            CultureInfo.InvariantCulture,
            $"{taken.Count} deliveries, p50 {At(0.5):F1} ms, p99 {At(0.99):F1} ms, p99.9 {At(0.999):F1} ms, max {At(1):F1} ms");

        double At(double part) => taken[Math.Max(0, (int)Math.Ceiling(taken.Count * part) - 1)].TotalMilliseconds;
    }

    /// <summary>All stop once what they sent is acked; then the histories are compared with what was acked and seen.</summary>
    public async Task StopAndCheckAsync()
    {
        foreach (var client in _clients)
            client.Stop();
        await Task.WhenAll(_talking).Within("the last acks");
        Ledger.Violations.ShouldBeEmpty();
        Ledger.Acked.ShouldBe(Ledger.Sent);
        using var http = RoomHttp.Client(_group.Gateways[0]);
        foreach (var room in _rooms)
        {
            var history = await http.ReadHistoryAsync(room);
            history.Count.ShouldBeGreaterThan(0);
            Ledger.ShouldHold(room, history);
            foreach (var client in _clients.Where(c => c.Rooms.Contains(room, StringComparer.Ordinal)))
            {
                await client.Client.WaitForSeqAsync(room, history.Count);
                var trace = client.Client.Trace(room);
                trace.Violations.ShouldBeEmpty();
                Lines(trace.Events).ShouldBe(Lines(history), false, $"what {client.Name} saw of {room}");
            }
        }

        static IEnumerable<string> Lines(IEnumerable<JsonElement> lines) => lines.Select(l => l.GetRawText());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
    }
}
