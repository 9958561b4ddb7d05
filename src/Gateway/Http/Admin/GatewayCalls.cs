using System.Text.Json;
using ClusterChat.Cluster;

namespace ClusterChat.Gateway.Http.Admin;

/// <summary>Gives an order to all gateways, and says what came of it.</summary>
internal sealed class GatewayCalls(IGatewayOrders orders)
{
    /// <summary>Tells all gateways at once. It is not taken back where the operator's request ends.</summary>
    /// <param name="target">What it is about, for the audit log.</param>
    /// <param name="order">The order.</param>
    /// <param name="counted">What the connections that were met are called, in the answer and in the log.</param>
    /// <param name="before">What stands in the answer before that.</param>
    public async Task<AdminResult> TellAllAsync(string target, GatewayOrder order, string counted, Action<Utf8JsonWriter>? before = null)
    {
        var gateways = orders.Gateways;
        var reports = await Task.WhenAll(gateways.Select(g => orders.AskAsync(g, order, CancellationToken.None)));
        var count = reports.Sum(r => r?.Count ?? 0);
        var silent = gateways.Where((_, i) => reports[i] is null).Select(g => g.Name).ToArray();
        return new AdminResult(target, $"{counted} {count}" + (silent.Length > 0 ? $", no answer of {string.Join(", ", silent)}" : string.Empty), json =>
        {
            before?.Invoke(json);
            json.WriteNumber(counted, count);
            json.WriteBoolean("complete"u8, silent.Length == 0);
            json.WriteStartArray("silent"u8);
            foreach (var name in silent)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        });
    }
}
