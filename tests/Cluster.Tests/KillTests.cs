using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

/// <summary>SIGKILL under load: what was acked is there, what is sent again is not doubled, and nobody misses anything.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Clients = 50;
    private const int Rounds = 3;
    private const int Window = 8;
    private static readonly string[] Rooms = ["red", "green", "blue", "räume:4", "five.5"];

    [Theory]
    [InlineData(20261)]
    public async Task Every_acked_message_survives_kills_once_and_resending_makes_no_duplicate(int seed)
    {
        using var data = new DataFolder();
        var random = new Random(seed);
        var ledger = new Ledger();
        var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(data.Path));
        try
        {
            var seats = Enumerable.Range(0, Clients)
                .Select(i => new Talker(string.Create(CultureInfo.InvariantCulture, $"c{i}"), [Rooms[i % Rooms.Length], Rooms[(i + 2) % Rooms.Length]], ledger))
                .ToList();
            await Task.WhenAll(seats.Select(s => s.ConnectAsync(node.Port)));
            for (var round = 1; round <= Rounds; round++)
            {
                var target = ledger.Acked + random.Next(150, 1000);
                var talking = seats.Select(s => s.TalkAsync()).ToList();
                await ledger.Changed.WaitAsync(() => ledger.Acked >= target).Within($"{target} acks in round {round}");
                await node.KillAsync();
                await Task.WhenAll(talking).Within("all clients notice");
                var (sent, acked, repeats) = (ledger.Sent, ledger.Acked, ledger.Repeats);
                node = await node.RestartAsync();

                // Before anybody resends: what was acked has to be there by itself.
                using (var http = RoomHttp.Client(node.Port))
                {
                    foreach (var room in Rooms)
                        ledger.ShouldHold(room, await http.ReadHistoryAsync(Uri.EscapeDataString(room)));
                }

                await Task.WhenAll(seats.Select(s => s.ConnectAsync(node.Port)));
                await Task.WhenAll(seats.Select(s => s.ResendAsync()));
                ledger.Acked.ShouldBe(ledger.Sent);
                output.WriteLine($"round {round}: {sent} sent, {acked} acked before the kill, of the {sent - acked} resent {ledger.Repeats - repeats} were there");
                node.ShouldBeUnharmed();
            }

            await CheckEverythingAsync(node, ledger, seats);
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    private static async Task CheckEverythingAsync(NodeProcess node, Ledger ledger, List<Talker> seats)
    {
        using var http = RoomHttp.Client(node.Port);
        await using var late = await ChatClient.ConnectAsync(node.Port, "late");
        foreach (var room in Rooms)
        {
            var history = await http.ReadHistoryAsync(Uri.EscapeDataString(room));
            ledger.ShouldHold(room, history);

            // From the beginning through join and since: the very same lines.
            var newest = await late.JoinAsync(room, limit: 0);
            await using var reader = await ChatClient.ConnectAsync(node.Port, "reader");
            var since = (newest.GetProperty("log").GetString()!, 0L);
            reader.Trace(room).OnPage(JsonSerializer.SerializeToElement(new { log = since.Item1, seq = 0, msgs = Array.Empty<int>(), recovered = true }));
            await reader.JoinAsync(room, since: since);
            reader.Trace(room).Violations.ShouldBeEmpty();
            Texts(reader.Trace(room).Events).ShouldBe(Texts(history));

            foreach (var seat in seats.Where(s => s.Rooms.Contains(room, StringComparer.Ordinal)))
            {
                await seat.Client.WaitForSeqAsync(room, history.Count);
                seat.Client.Trace(room).Violations.ShouldBeEmpty();
                Texts(seat.Client.Trace(room).Events).ShouldBe(Texts(history));
            }
        }

        ledger.Violations.ShouldBeEmpty();
        foreach (var seat in seats)
            await seat.Client.DisposeAsync();
        node.ShouldBeUnharmed();

        static IEnumerable<string> Texts(IEnumerable<JsonElement> lines) => lines.Select(l => l.GetRawText());
    }

    /// <summary>One client through all of its connections.</summary>
    private sealed class Talker(string name, string[] rooms, Ledger ledger)
    {
        private readonly ConcurrentDictionary<string, RoomTrace> _traces = new(StringComparer.Ordinal);
        private string? _session;
        private int _sent;

        public IReadOnlyList<string> Rooms => rooms;

        public ChatClient Client { get; private set; } = null!;

        public async Task ConnectAsync(int port)
        {
            if (Client is not null)
                await Client.DisposeAsync();
            Client = await ChatClient.ConnectAsync(port, name, _session, _traces, ledger.OnLine);
            if (_session is not null)
                Client.Session.ShouldBe(_session, "the session outlives the process");
            _session = Client.Session;
            foreach (var room in rooms)
                await Client.JoinAsync(room, limit: 200);
        }

        /// <summary>Sends on and on, with some writes always on the way, until the connection breaks.</summary>
        public async Task TalkAsync()
        {
            try
            {
                while (true)
                {
                    var free = Window - ledger.UnackedCount(name);
                    var batch = Enumerable.Range(0, Math.Max(free, 0)).Select(_ => Next()).Select(Line).ToList();
                    if (batch.Count > 0)
                        await Client.WriteAsync(batch);
                    await Client.Changed.WaitAsync(() => Client.Closed.IsCompleted || ledger.UnackedCount(name) < Window / 2).Within($"acks for {name}");
                    if (Client.Closed.IsCompleted)
                        return;
                }
            }
            catch (IOException)
            {
                await Client.Closed.Within("the end of a broken connection");
            }
        }

        /// <summary>Sends all that was not acked once more, in order, and waits for the acks.</summary>
        public async Task ResendAsync()
        {
            var unacked = ledger.Unacked(name);
            if (unacked.Count > 0)
                await Client.WriteAsync(unacked.Select(Line));
            await Client.Changed.WaitAsync(() => Client.Closed.IsCompleted || ledger.UnackedCount(name) == 0).Within($"acks of what {name} resent");
            Client.Closed.IsCompleted.ShouldBeFalse();
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
}
