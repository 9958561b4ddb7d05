using System.Text;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>An event of a stream of Server-Sent Events.</summary>
internal sealed record SseEvent(string? Id, string? Type, string Data);

/// <summary>A client of Server-Sent Events.</summary>
internal sealed class SseClient : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _reader;

    private SseClient(HttpClient http, HttpResponseMessage answer, Stream stream)
    {
        _http = http;
        _answer = answer;
        _reader = new StreamReader(stream, Encoding.UTF8);
    }

    public static async Task<SseClient> OpenAsync(int port, string room, string? lastEventId = null)
    {
        var http = RoomHttp.Client(port);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"api/rooms/{Uri.EscapeDataString(room)}/events", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.IsSuccessStatusCode.ShouldBeTrue(answer.ToString());
        return new SseClient(http, answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event that has data.</summary>
    public async Task<SseEvent> NextAsync() => await ReadAsync().Within("a server-sent event") ?? throw new IOException("The stream ended.");

    /// <summary>The next event of the log.</summary>
    public async Task<SseEvent> NextLoggedAsync()
    {
        while (true)
        {
            if (await NextAsync() is { Id: not null } found)
                return found;
        }
    }

    /// <summary>Reads on to the end of the stream.</summary>
    public async Task EndAsync()
    {
        try
        {
            while (await ReadAsync().Within("the end of the stream") is not null)
            {
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
        }
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _answer.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<SseEvent?> ReadAsync()
    {
        string? id = null, type = null;
        var data = new StringBuilder();
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                type = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data.Append(line, 6, line.Length - 6);
            else if (line.Length == 0 && data.Length > 0)
                return new SseEvent(id, type, data.ToString());
        }

        return null;
    }
}
