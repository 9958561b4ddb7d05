using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>Crowds that read one room's large pages, and the others meanwhile.</summary>
public sealed class ReadFloodTests : IDisposable
{
    private const int Events = 80;
    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_thousand_reads_of_one_room_leave_lists_and_history_of_others_working_and_the_log_short()
    {
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(_data.Path)
            .With("Proxy:Networks:0", "127.0.0.1/32").With("Limits:RequestsPerSecondPerAddress", "0"));
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("big");
        await ann.JoinAsync("small");
        await ann.SendAckedAsync("small", "m1", "hi");
        var text = new string('x', 16_000);
        await Task.WhenAll(Enumerable.Range(0, Events).Select(i => ann.SendAckedAsync("big", "m" + i.ToString(CultureInfo.InvariantCulture), text)));

        // Behind what the room has in memory. One address has most of them, a hundred others have ten each.
        using var http = RoomHttp.Client(node.Port);
        var flood = Enumerable.Range(0, 1500)
            .Select(i => GetAsync(http, "api/rooms/big/messages?limit=200&before=40", i < 500 ? "203.0.113.7" : string.Create(CultureInfo.InvariantCulture, $"198.51.100.{i % 100}")))
            .ToList();

        (await http.GetJsonAsync("api/rooms")).GetProperty("rooms").GetArrayLength().ShouldBe(2);
        (await http.GetJsonAsync("api/rooms/small/messages")).GetProperty("msgs").GetArrayLength().ShouldBe(1);
        var history = await ann.AskAsync(new JsonObject { ["t"] = "history", ["room"] = "big", ["before"] = 40, ["limit"] = 200 });
        history.GetProperty("t").GetString().ShouldBe("history", history.ToString());
        (await ann.SendAckedAsync("small", "m2", "still here")).GetProperty("seq").GetInt64().ShouldBe(2);

        var answers = await Task.WhenAll(flood);
        answers.Count(a => a == HttpStatusCode.OK).ShouldBeGreaterThan(100);
        answers.ShouldAllBe(a => a == HttpStatusCode.OK || a == HttpStatusCode.TooManyRequests || a == HttpStatusCode.ServiceUnavailable);
        node.ShouldBeUnharmed();

        // How busy the machine is, is another matter.
        node.Warnings.Where(w => !w.Contains("stood still", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_has_read_more_than_its_share_hears_when_to_come_back_and_others_read_on()
    {
        await using var node = await NodeProcess.StartAsync(NodeOptions.Unlimited(_data.Path)
            .With("Proxy:Networks:0", "127.0.0.1/32")
            .With("Limits:ReadBytesPerSecondPerAddress", "100").With("Limits:ReadBurstBytesPerAddress", "10000"));
        await using var ann = await ChatClient.ConnectAsync(node.Port, "ann");
        await ann.JoinAsync("lobby");
        await ann.SendAckedAsync("lobby", "m1", new string('x', 12_000));
        using var http = RoomHttp.Client(node.Port);

        (await GetAsync(http, "api/rooms/lobby/messages", "203.0.113.7")).ShouldBe(HttpStatusCode.OK);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("api/rooms/lobby/messages", UriKind.Relative));
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        using var refused = await http.SendAsync(request);
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 25);
        (await GetAsync(http, "api/rooms", "203.0.113.7")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await GetAsync(http, "api/rooms/lobby/messages", "203.0.113.8")).ShouldBe(HttpStatusCode.OK);

        // The same by WebSocket: the page is given, the next one is not.
        (await ann.AskAsync(new JsonObject { ["t"] = "history", ["room"] = "lobby", ["limit"] = 10 })).GetProperty("t").GetString().ShouldBe("history");
        var error = await ann.AskAsync(new JsonObject { ["t"] = "history", ["room"] = "lobby", ["limit"] = 10 });
        error.GetProperty("code").GetString().ShouldBe("rate_limited");
        error.GetProperty("retryMs").GetInt32().ShouldBeGreaterThan(0);
        await ann.SendAckedAsync("lobby", "m2", "who reads too much can still write");
        node.ShouldBeUnharmed();
    }

    private static async Task<HttpStatusCode> GetAsync(HttpClient http, string path, string from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("X-Forwarded-For", from);
        using var answer = await http.SendAsync(request);
        await answer.Content.ReadAsByteArrayAsync();
        return answer.StatusCode;
    }
}
