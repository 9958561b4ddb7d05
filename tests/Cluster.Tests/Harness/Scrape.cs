using System.Net;
using System.Net.Http.Headers;
using ClusterChat.TestKit;

namespace ClusterChat.Cluster.Tests.Harness;

/// <summary>Asks a node for its metrics, as Prometheus does.</summary>
internal static class Scrape
{
    public static async Task<(string Type, string Text)> TextAsync(IPEndPoint node, string? accept = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{node}/metrics"));
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept).ShouldBeTrue();
        using var answer = await http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (answer.Content.Headers.ContentType.ShouldNotBeNull().ToString(), await answer.Content.ReadAsStringAsync());
    }

    /// <summary>In OpenMetrics, held to its grammar.</summary>
    public static async Task<Dictionary<string, OpenMetricsFamily>> ReadAsync(IPEndPoint node)
    {
        var (type, text) = await TextAsync(node, "application/openmetrics-text;version=1.0.0");
        MediaTypeHeaderValue.Parse(type).MediaType.ShouldBe("application/openmetrics-text");
        return OpenMetricsText.Read(text);
    }

    /// <summary>The sum of all samples of a name whose labels are among those given, each as <c>name=value</c>.</summary>
    public static double Sum(this Dictionary<string, OpenMetricsFamily> metrics, string sample, params string[] labels)
        => metrics.Values.SelectMany(f => f.Samples)
            .Where(s => s.Name == sample && labels.All(l => s.Labels.Any(own => $"{own.Key}={own.Value}" == l)))
            .Select(s => (double?)s.Value).Sum() ?? throw new InvalidOperationException($"There is no {sample}.");
}
