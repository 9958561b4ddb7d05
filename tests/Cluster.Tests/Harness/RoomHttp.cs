using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>The HTTP API, as far as these tests ask it.</summary>
internal static class RoomHttp
{
    public static HttpClient Client(int port) => Client(new IPEndPoint(IPAddress.Loopback, port));

    public static HttpClient Client(IPEndPoint address) => new()
    {
        BaseAddress = new Uri($"http://{address}/"),
        Timeout = Guard.Limit,
    };

    public static async Task<JsonElement> GetJsonAsync(this HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"GET {path}: {(int)answer.StatusCode} {text}");
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>HEAD has the status and the headers of GET, and no body.</summary>
    public static async Task ShouldAnswerHeadAsync(this HttpClient http, IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            using var get = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(path, UriKind.Relative)));
            head.StatusCode.ShouldBe(get.StatusCode, path);
            Headers(head).ShouldBe(Headers(get), path);
            (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty(path);
        }

        // A body of unknown length has no header of its own in an answer without a body, and the length of what counts
        // requests changes with each.
        static IEnumerable<string> Headers(HttpResponseMessage answer) => answer.Headers.Concat(answer.Content.Headers)
            .Select(h => h.Key).Where(k => k is not ("Transfer-Encoding" or "Content-Length")).Order(StringComparer.Ordinal)
            .Append(answer.Content.Headers.ContentType?.ToString() ?? string.Empty);
    }

    /// <summary>All events of a room, oldest first, read from the newest back by <c>before</c>.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ReadHistoryAsync(this HttpClient http, string room, int limit = 200)
    {
        var pages = new Stack<List<JsonElement>>();
        var before = string.Empty;
        for (var more = true; more;)
        {
            var page = await http.GetJsonAsync(string.Create(CultureInfo.InvariantCulture, $"api/rooms/{room}/messages?limit={limit}{before}"));
            var events = page.GetProperty("msgs").EnumerateArray().ToList();
            more = page.GetProperty("more").GetBoolean();
            if (events.Count == 0)
                break;
            pages.Push(events);
            before = string.Create(CultureInfo.InvariantCulture, $"&before={events[0].GetProperty("seq").GetInt64()}");
        }

        return [.. pages.SelectMany(p => p)];
    }

    /// <summary>How many clients the node counts.</summary>
    public static async Task<int> ConnectionsAsync(this HttpClient http)
        => (await http.GetJsonAsync("cluster")).GetProperty("nodes")[0].GetProperty("connections").GetInt32();
}
