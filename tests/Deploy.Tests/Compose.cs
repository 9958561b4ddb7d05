using System.Text.Json.Nodes;
using ClusterChat.Deploy.Tests.Rendering;

namespace ClusterChat.Deploy.Tests;

/// <summary>The compose file, with its merges done.</summary>
internal static class Compose
{
    public static JsonObject Root { get; } = Merged(YamlReader.Read(Repository.Read("deploy/docker/compose.yaml"))!).AsObject();

    public static IReadOnlyDictionary<string, JsonObject> Services { get; }
        = Root["services"]!.AsObject().ToDictionary(s => s.Key, s => s.Value!.AsObject(), StringComparer.Ordinal);

    /// <summary>The nodes' environments.</summary>
    public static IEnumerable<(string Name, IReadOnlyDictionary<string, string> Environment)> Nodes
        => Services.Where(s => s.Value["image"].Text()!.StartsWith("clusterchat:", StringComparison.Ordinal)).Select(s => (s.Key, s.Value["environment"].ToMap()));

    /// <summary>YAML's merge key: what is said beside it wins.</summary>
    private static JsonNode Merged(JsonNode node)
    {
        switch (node)
        {
            case JsonObject map:
                var all = map["<<"] is { } merged ? Merged(merged).AsObject().DeepClone().AsObject() : [];
                foreach (var (key, value) in map.Where(p => p.Key != "<<"))
                    all[key] = value is null ? null : Merged(value).DeepClone();
                return all;
            case JsonArray list:
                return new JsonArray([.. list.Select(i => i is null ? null : Merged(i).DeepClone())]);
            default:
                return node;
        }
    }
}
