using System.Text.Json.Nodes;

namespace ClusterChat.Deploy.Tests.Rendering;

/// <summary>Short words for looking into rendered objects.</summary>
internal static class JsonExtensions
{
    /// <summary>The objects of a list; none where there is no list.</summary>
    public static IEnumerable<JsonObject> Items(this JsonNode? list) => list is JsonArray array ? array.Select(i => i!.AsObject()) : [];

    /// <summary>The texts of a list; none where there is no list.</summary>
    public static IEnumerable<string> Texts(this JsonNode? list) => list is JsonArray array ? array.Select(i => i!.GetValue<string>()) : [];

    /// <summary>A map of texts, such as labels; empty where there is none.</summary>
    public static IReadOnlyDictionary<string, string> ToMap(this JsonNode? map) => map is JsonObject pairs
        ? pairs.ToDictionary(p => p.Key, p => p.Value!.GetValue<string>(), StringComparer.Ordinal)
        : new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A text; null where it is not there.</summary>
    public static string? Text(this JsonNode? node) => node?.GetValue<string>();

    /// <summary>Whether a label selector (matchLabels only) admits these labels. An empty one admits all.</summary>
    public static bool Selects(this JsonNode? selector, IReadOnlyDictionary<string, string> labels)
    {
        var rules = selector!.AsObject();
        rules.Where(r => r.Key != "matchLabels").ShouldBeEmpty("the tests know matchLabels only");
        return rules["matchLabels"].ToMap().All(w => labels.TryGetValue(w.Key, out var value) && value == w.Value);
    }

    /// <summary>All objects in a tree, itself included.</summary>
    public static IEnumerable<JsonObject> Descend(this JsonNode? node) => node switch
    {
        JsonObject map => [map, .. map.SelectMany(p => p.Value.Descend())],
        JsonArray list => list.SelectMany(i => i.Descend()),
        _ => [],
    };
}
