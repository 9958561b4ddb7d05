using System.Net;
using System.Text.Json;
using ClusterChat.Cluster.Tests.Harness;
using ClusterChat.Gateway.Http.Admin;

namespace ClusterChat.Cluster.Tests;

/// <summary>The OpenAPI document says what there is.</summary>
public sealed class OpenApiTests : IDisposable
{
    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Every_call_of_the_document_is_there_and_answers_as_it_says()
    {
        var (key, entry) = AdminKeys.Create("ops");
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = _data.Path }.With("Admin:Keys:0", entry).With("Audit:Enabled", "true"));
        using var http = RoomHttp.Client(node.Port);
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        http.DefaultRequestHeaders.Add("X-Guest-Name", "ann");
        var document = await http.GetJsonAsync("api/openapi.json");
        document.GetProperty("openapi").GetString().ShouldStartWith("3.1");

        // In the order of the document: the room is there before it is asked for, and goes at the end.
        foreach (var (path, method) in Calls(document).OrderBy(c => c.Method == HttpMethod.Delete ? 2 : c.Method == HttpMethod.Post ? 0 : 1))
        {
            var call = document.GetProperty("paths").GetProperty(path).GetProperty(method.Method.ToLowerInvariant());
            using var request = new HttpRequestMessage(method, new Uri(WithExamples(path, call), UriKind.Relative));
            if (method == HttpMethod.Post)
                request.Content = new StringContent(Body(call));
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"{method} {path}");
        }

        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Every_GET_answers_a_HEAD_with_the_same_status_and_headers()
    {
        var (key, entry) = AdminKeys.Create("ops");
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = _data.Path }.With("Admin:Keys:0", entry));
        using var http = RoomHttp.Client(node.Port);
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        http.DefaultRequestHeaders.Add("X-Guest-Name", "ann");
        var document = await http.GetJsonAsync("api/openapi.json");
        await http.ShouldAnswerHeadAsync(Calls(document).Where(c => c.Method == HttpMethod.Get).Select(c => c.Path.TrimStart('/'))
            .SelectMany(p => p.Contains("{room}", StringComparison.Ordinal) ? [p.Replace("{room}", "lobby", StringComparison.Ordinal), p.Replace("{room}", "-%20-", StringComparison.Ordinal)] : (string[])[p])
            .Append("api/rooms/lobby/messages?after=x"));

        // Neither an event stream nor a wait for an event holds it, and who only looks is not in the room.
        using (var post = await http.PostAsync(new Uri("api/rooms/quiet/messages", UriKind.Relative), new StringContent("""{"text":"hi"}""")))
            post.StatusCode.ShouldBe(HttpStatusCode.OK);
        var page = await http.GetJsonAsync("api/rooms/quiet/messages");
        var end = $"{page.GetProperty("log").GetString()}/{page.GetProperty("msgs")[0].GetProperty("seq").GetInt64()}";
        var since = TimeProvider.System.GetTimestamp();
        foreach (var path in (string[])["events", $"messages?after={end}&wait=25"])
        {
            using var head = new HttpRequestMessage(HttpMethod.Head, new Uri("api/rooms/quiet/" + path, UriKind.Relative));
            using var answer = await http.SendAsync(head);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }

        TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        (await http.GetJsonAsync("api/rooms/quiet/members")).GetProperty("count").GetInt32().ShouldBe(0);
        node.ShouldBeUnharmed();
    }

    [Fact]
    public async Task Every_reference_of_the_document_leads_somewhere()
    {
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Data = _data.Path });
        using var http = RoomHttp.Client(node.Port);
        var document = await http.GetJsonAsync("api/openapi.json");
        string[] kinds = ["schemas", "headers"];
        var known = kinds.SelectMany(kind => document.GetProperty("components").GetProperty(kind).EnumerateObject().Select(part => $"#/components/{kind}/{part.Name}"));
        References(document).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(known.Order(StringComparer.Ordinal));
    }

    /// <summary>The path with the examples of its parameters, as far as the document has any.</summary>
    private static string WithExamples(string path, JsonElement call)
    {
        var address = path.Replace("{room}", "lobby", StringComparison.Ordinal).Replace("{user}", "nobody", StringComparison.Ordinal).TrimStart('/');
        if (!call.TryGetProperty("parameters", out var parameters))
            return address;
        foreach (var parameter in parameters.EnumerateArray().Where(p => p.TryGetProperty("example", out _)))
        {
            var (name, example) = (parameter.GetProperty("name").GetString(), Uri.EscapeDataString(parameter.GetProperty("example").ToString()));
            address = parameter.GetProperty("in").GetString() == "path"
                ? address.Replace($"{{{name}}}", example, StringComparison.Ordinal)
                : $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={example}";
        }

        return address;
    }

    private static string Body(JsonElement call)
        => call.TryGetProperty("requestBody", out var body) && body.GetProperty("content").GetProperty("application/json").TryGetProperty("example", out var example)
            ? example.GetRawText()
            : """{"text":"hi"}""";

    private static IEnumerable<(string Path, HttpMethod Method)> Calls(JsonElement document)
        => from path in document.GetProperty("paths").EnumerateObject()
           from call in path.Value.EnumerateObject()
           where call.Name is "get" or "post" or "delete"
           select (path.Name, HttpMethod.Parse(call.Name));

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p.NameEquals("$ref") ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
