using System.Net;
using System.Text;
using System.Text.Json;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>The admin API of a node, with one key.</summary>
internal sealed class AdminHttp(NodeProcess node, string key) : IDisposable
{
    private readonly HttpClient _http = RoomHttp.Client(node.Port);

    public void Dispose() => _http.Dispose();

    /// <summary>Asks; the answer's status and text.</summary>
    public async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri("api/admin/" + path, UriKind.Relative));
        request.Headers.Add("X-Api-Key", key);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Asks for what has to be done; the answer.</summary>
    public async Task<JsonElement> DoAsync(HttpMethod method, string path, string? body = null)
    {
        var (status, text) = await AskAsync(method, path, body);
        status.ShouldBe(HttpStatusCode.OK, $"{method} {path}: {text}");
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }
}
