using System.ComponentModel.DataAnnotations;

namespace ClusterChat.Host;

/// <summary>What the node sends to a collector of OpenTelemetry: section <c>ClusterChat:Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>Where metrics, traces and logs go by OTLP, such as <c>http://collector:4317</c>; null for nowhere.</summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary>What the collector speaks.</summary>
    public OtlpProtocol OtlpProtocol { get; set; } = OtlpProtocol.Grpc;

    /// <summary>
    /// The share of messages that are traced, 0 to 1. A hundredth shows what is usual; of a thousand messages a second, each with some
    /// ten spans, it is as much as one request with its spans every tenth of a second.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; set; } = 0.01;

    /// <summary>What is wrong, each with the key below <see cref="NodeOptions.Section"/>.</summary>
    public IEnumerable<(string Key, string Problem)> Check()
    {
        if (OtlpEndpoint is not null && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"))
        {
            yield return ("Telemetry:OtlpEndpoint", $"must be an address such as http://localhost:4317, is \"{OtlpEndpoint}\"");
        }
    }
}
